"""Recognises columns of passwords and other secrets, which an import never proposes to keep, not even as hashes."""

from __future__ import annotations

import re

from contacts.imports import headings

# Folded, words separated by one space: English, French, German, Spanish, Italian, Portuguese, Dutch. A heading has one
# of these somewhere in it, with its spaces or without: programs write "apikey" and "api_key".
_WITHIN = (
    "password, passwords, passwd, pwd, passphrase, passcode, user pass, password hash, hashed password, "
    "encrypted password, api key, api keys, api token, api tokens, api secret, secret key, secret keys, access key, "
    "access token, access tokens, refresh token, auth token, auth key, bearer token, remember token, reset token, "
    "session token, session tokens, consumer key, signing key, encryption key, master key, license key, licence key, "
    "license keys, licence keys, product key, activation key, activation code, recovery key, private key, "
    "private keys, ssh key, client secret, webhook secret, totp secret, otp secret, two factor secret, recovery code, "
    "recovery codes, backup code, backup codes, credential, credentials, security answer, secret answer, auth code, "
    "auth hash, session id, session cookie, jwt, otp, smtp pass, db pass, cvv, cvv2, card verification code, "
    "mot de passe, mots de passe, mdp, cle api, cle d api, cle secrete, cle privee, cle d acces, cle de licence, "
    "cle d activation, code d activation, jeton d acces, jeton d api, jeton api, "
    "passwort, passworter, kennwort, kennworter, passworthash, api schlussel, lizenzschlussel, geheimschlussel, "
    "geheimer schlussel, privater schlussel, zugangsschlussel, aktivierungsschlussel, zugangsdaten, "
    "contrasena, contrasenas, contrasenya, clave de acceso, clave acceso, clave api, clave de api, clave secreta, "
    "clave privada, clave de licencia, "
    "parola d ordine, chiave di accesso, chiave api, chiave segreta, chiave privata, chiave di licenza, "
    "senha, senhas, palavra passe, chave api, chave de api, chave secreta, chave privada, chave de acesso, "
    "chave de licenca, "
    "wachtwoord, wachtwoorden, api sleutel, geheime sleutel, prive sleutel, licentiesleutel, toegangssleutel"
)
_PATTERN = re.compile(rf"\b(?:{'|'.join(phrase.strip().replace(' ', ' ?') for phrase in _WITHIN.split(','))})\b")
# A heading that ends in one of these words of a computer and a secret: "Webhook signing secret", and no "Push token",
# "Token ring" or "Victoria's Secret".
_PURPOSES = (
    "access|account|activation|admin|api|app|application|auth|authentication|bearer|cancel|client|confirm|confirmation|"
    "consumer|csrf|email|facebook|github|google|hash|hmac|id|invitation|invite|jwt|login|magic|mfa|oauth|oauth2|optin|optout|password|"
    "recovery|refresh|registration|remember|reset|security|session|shared|shopify|signing|signin|signup|slack|sso|stripe|subscriber|"
    "totp|unsubscribe|unsub|user|verification|verify|webhook|xsrf|acces|cliente|acceso|acesso|accesso"
)
_NAMES = "secrets?|token|jeton|segredo|secreto|segreto|geheimnis"
_END = re.compile(rf"\b(?:{_PURPOSES}) ?(?:{_NAMES})$")
# One that ends so whatever stands before, if its cells look like keys. A token to push messages to opens nothing.
_MAYBE_END = re.compile(rf"(?<!\bpush )(?<!\bdevice )\b(?:{_NAMES})$")
_LOOKS_LIKE_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w+/=.:~-]{16,}")
#: A heading that is one of these alone.
_ALONE = frozenset(
    {"pass", "salt", "secret", "secrets", "token", "jeton", "segredo", "secreto", "segreto", "geheimnis"}
)
# As crypt, bcrypt, Argon2, phpass, Django, LDAP and WordPress 6.8 write a hash.
_HASH = re.compile(
    r"\$(?:1|2[abxy]?|5|6|7|y|gy|P|H|S|argon2[a-z]*|pbkdf2[a-z0-9-]*|scrypt|wp\$2y)\$.{8,}"
    r"|(?:pbkdf2_sha\d+|bcrypt(?:_sha256)?|argon2|scrypt|md5)\$.{8,}"
    r"|\{(?:SSHA|SHA|SMD5|MD5|CRYPT|SSHA\d+|PBKDF2[^}]*)\}.{8,}"
)
# Keys of well-known services, JSON Web Tokens (RFC 7519) and keys in PEM (RFC 7468): their beginnings are made to be
# recognised.
_KEY = re.compile(
    r"(?:[rs]k_(?:live|test)_|whsec_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xkeysib-|SG\.|shp(?:at|ss|ca|pa)_)[\w.-]{10,}"
    r"|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*",
    re.DOTALL,
)


def holds_secrets(heading: str, found: list[str]) -> bool:
    """Whether a column holds passwords, their hashes or keys, by its heading or by most of its cells."""
    words = " ".join(headings.words_of(heading))
    if words in _ALONE or _PATTERN.search(words) or _END.search(words):
        return True
    if _MAYBE_END.search(words) and sum(map(_is_like_key, found)) * 2 > len(found):
        return True
    return sum(bool(_HASH.fullmatch(cell) or _KEY.fullmatch(cell)) for cell in found) * 2 > len(found)


def _is_like_key(cell: str) -> bool:
    return _LOOKS_LIKE_KEY.fullmatch(cell) is not None
