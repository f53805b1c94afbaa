"""Recognises columns of passwords and other secrets, which an import never proposes to keep, not even as hashes."""

from __future__ import annotations

import re

from kernel.words import fold

# Folded, words separated by one space: English, French, German, Spanish, Italian, Portuguese, Dutch. A heading has one
# of these somewhere in it.
_WITHIN = (
    "password, passwords, passwd, pwd, passphrase, passcode, user pass, userpass, userpassword, passwordhash, "
    "hashedpassword, encryptedpassword, api key, apikey, api token, secret key, access token, refresh token, "
    "auth token, remember token, reset token, session token, session tokens, activation key, private key, "
    "totp secret, otp secret, two factor secret, recovery codes, backup codes, "
    "mot de passe, mots de passe, motdepasse, mdp, "
    "passwort, passworter, kennwort, kennworter, passworthash, "
    "contrasena, contrasenas, contrasenya, clave de acceso, clave acceso, "
    "parola d ordine, chiave di accesso, "
    "senha, senhas, palavra passe, palavrapasse, "
    "wachtwoord, wachtwoorden"
)
_PATTERN = re.compile(rf"\b(?:{'|'.join(phrase.strip() for phrase in _WITHIN.split(','))})\b")
#: A heading that is one of these alone.
_ALONE = frozenset({"pass", "salt", "secret"})
# As crypt, bcrypt, Argon2, phpass, Django, LDAP and WordPress 6.8 write a hash.
_HASH = re.compile(
    r"\$(?:1|2[abxy]?|5|6|7|y|gy|P|H|S|argon2[a-z]*|pbkdf2[a-z0-9-]*|scrypt|wp\$2y)\$.{8,}"
    r"|(?:pbkdf2_sha\d+|bcrypt(?:_sha256)?|argon2|scrypt|md5)\$.{8,}"
    r"|\{(?:SSHA|SHA|SMD5|MD5|CRYPT|SSHA\d+|PBKDF2[^}]*)\}.{8,}"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def holds_secrets(heading: str, found: list[str]) -> bool:
    """Whether a column holds passwords, their hashes or keys, by its heading or by most of its cells."""
    words = " ".join(re.findall(r"[a-z0-9]+", fold(_CAMEL.sub(" ", heading))))
    if words in _ALONE or _PATTERN.search(words):
        return True
    return bool(found) and sum(bool(_HASH.fullmatch(cell)) for cell in found) * 2 > len(found)
