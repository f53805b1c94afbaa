"""Without a mail server, a mail's links reach no log: whoever reads one could set a new password."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends import console

from kernel import unsent_mail

ROOT = Path(__file__).resolve().parents[2]
LINK = "https://x.example/accounts/password/reset/key/abc-123/"


def test_the_log_says_to_whom_and_nothing_else(caplog):
    unsent_mail._explain.cache_clear()
    mail = EmailMultiAlternatives("Reset Ana's password", LINK, to=["Ana <ana@acme.example>"], bcc=["bo@acme.example"])
    mail.connection = unsent_mail.EmailBackend()
    with caplog.at_level(logging.INFO, "fanfare"):
        assert mail.send() == 0 and mail.send() == 0
    lines = [record.getMessage() for record in caplog.records if record.name == "fanfare.mail"]
    assert [("EMAIL_URL" in line) for line in lines] == [True, False, False], "that it is not set is said once"
    assert lines[1] == lines[2] == "a mail was not sent, to a•••@acme.example, b•••@acme.example"
    assert not [text for text in ("ana", LINK, "password") if text in caplog.text]


@pytest.mark.parametrize(
    "change, backend",
    [
        ({}, "kernel.unsent_mail.EmailBackend"),
        ({"DEBUG": "1"}, f"{console.__name__}.EmailBackend"),
        ({"FANFARE_LOCAL": "1"}, "django.core.mail.backends.filebased.EmailBackend"),
        ({"EMAIL_URL": "smtp://localhost:25"}, "django.core.mail.backends.smtp.EmailBackend"),
        ({"EMAIL_BACKEND": "anymail.backends.brevo.EmailBackend"}, "anymail.backends.brevo.EmailBackend"),
    ],
)
def test_which_backend_sends(change, backend):
    script = "from config.settings import mail; print(mail.EMAIL_BACKEND)"
    unset = {"FANFARE_LOCAL": "0", "DEBUG": "0", "EMAIL_URL": "", "EMAIL_BACKEND": "", "BASE_URL": "https://x.example"}
    environment = os.environ | unset | change
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout.strip() == backend, done.stderr
