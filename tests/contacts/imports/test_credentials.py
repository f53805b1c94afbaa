"""Passwords and keys are never proposed to be kept, whichever program wrote the file."""

import pytest

from contacts.imports.credentials import holds_secrets
from tests.contacts.imports.running import prepare


@pytest.mark.parametrize(
    "heading",
    [
        "user_pass",
        "pass",
        "Password",
        "passwordHash",
        "hashed_password",
        "encrypted_password",
        "Mot de passe",
        "MDP",
        "Passwort",
        "Kennwort (alt)",
        "Contraseña",
        "Clave de acceso",
        "Parola d'ordine",
        "Senha",
        "Palavra-passe",
        "Wachtwoord",
        "api_key",
        "remember_token",
        "session_tokens",
        "reset_password_token",
        "client_secret",
        "clientSecret",
        "webhook_secret",
        "Stripe webhook signing secret",
        "license_key",
        "Licence key",
        "private_key",
        "privatekey",
        "API token",
        "apitoken",
        "api_secret",
        "Consumer key",
        "ssh_key",
        "unsubscribe_token",
        "Token",
        "Secret",
        "unsubscribetoken",
        "confirmation_token",
        "OAuth client secret",
        "Magic login token",
        "Recovery code",
        "Security answer",
        "Session ID",
        "smtp_pass",
        "CVV",
        "Clé API",
        "Clé d'API",
        "Clé de licence",
        "Jeton",
        "API-Schlüssel",
        "Lizenzschlüssel",
        "Clave secreta",
        "Chiave privata",
        "Chave de licença",
        "API-sleutel",
    ],
)
def test_a_heading_of_secrets(heading):
    assert holds_secrets(heading, ["x", "y"])


@pytest.mark.parametrize(
    "heading",
    [
        "Season pass",
        "Passage",
        "Compass",
        "Passport country",
        "Key account",
        "Gift card code",
        "Client ID",
        "Postcode",
        "Token ring",
        "Secret Santa",
        "Victoria's Secret",
        "Trade secret",
        "Best kept secret",
        "Push token",
        "Parking token",
        "Jardin secreto",
        "Secretary",
        "Loyalty tokens",
        "Keyword",
        "Monkey",
        "Clé du magasin",
        "Clave de cliente",
    ],
)
def test_another_heading(heading):
    assert not holds_secrets(heading, ["yes", "no"])


@pytest.mark.parametrize(
    "cell",
    [
        "$P$BDnQ1a2b3c4d5e6f7g8h9i0jklmnop.",
        "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUV0123456789",
        "$wp$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUV01234567",
        "pbkdf2_sha256$600000$abc$def0123456789=",
        "{SSHA}abcdefghijklmnopqrstuvwxyz012345",
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA",
        "sk" + "_live_" + "a1b2c3d4e5f6g7h8",
        "AKIA" + "A1B2C3D4E5F6G7H8",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_hashes_and_keys_under_any_heading(cell):
    assert holds_secrets("Column 7", [cell])
    assert not holds_secrets("Column 7", ["12 $", "$1,200", "{city}"])


def test_under_a_heading_that_may_be_one_of_secrets_the_cells_decide():
    key = "a1b2c3d4e5f6a7b8c9d0"
    assert holds_secrets("Acme token", [key])
    assert not holds_secrets("Acme token", ["12", "blue"])
    assert not holds_secrets("Push token", [key])
    assert not holds_secrets("Victoria's Secret", ["bought 2024", "never"])


def test_a_file_with_passwords_is_imported_without_them(acme):
    done = prepare(
        acme,
        "user_email,user_pass,first_name,last_name,h\n"
        "ann@shop.example,$P$BDnQ1a2b3c4d5e6f7g8h9i0jklmnop.,Ann,Ex,$2y$10$abcdefghijklmnopqrstuu\n"
        "bob@shop.example,$P$BDnQ1a2b3c4d5e6f7g8h9i0jklmnoq.,Bob,Ex,$2y$10$abcdefghijklmnopqrstuv\n",
    )
    assert done.mapping == ["email", "", "first_name", "last_name", ""]
    assert done.to_make["fields"] == {}
