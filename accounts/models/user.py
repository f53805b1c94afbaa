from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.names_in_mail import harmless
from kernel.tenancy import EngineOnlyCharField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        """An administrator, made on the command line, as the owner of the tables: no page may do this. Whoever may run
        commands vouches for the address, so the first administrator can log in before mail works."""
        from allauth.account.models import EmailAddress

        as_owner = self.db_manager("owner")
        user = as_owner.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        EmailAddress.objects.using("owner").create(user=user, email=user.email, verified=True, primary=True)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person, identified by e-mail address. Memberships connect people to workspaces."""

    class Theme(models.TextChoices):
        DARK = "dark", _("Dark")
        LIGHT = "light", _("Light")
        SYSTEM = "system", _("Same as my device")

    password = EngineOnlyCharField(_("password"), max_length=128)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.DARK)
    is_staff = models.BooleanField(_("platform staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self):
        return self.name or self.email

    @property
    def initials(self) -> str:
        words = (self.name or self.email.partition("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"

    @property
    def salutation(self) -> str:
        """The first name for mails; whoever signs up with a stranger's address chooses what the stranger reads here."""
        return harmless((self.name.split() or [""])[0], most=20)

    def get_full_name(self) -> str:
        return str(self)

    get_short_name = get_full_name
