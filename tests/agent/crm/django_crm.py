"""A CRM in Django: its own accounts and sessions, in a database of a test."""

from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections

_PARTS = ("auth", "contenttypes", "sessions")
_MIDDLEWARE = ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware")


def set_up(database: Path) -> None:
    """Configure Django, once in a process, and make the tables."""
    settings.configure(
        SECRET_KEY="of a test",
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        INSTALLED_APPS=[f"django.contrib.{part}" for part in _PARTS],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware", *(f"django.contrib.{part}" for part in _MIDDLEWARE)],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF="tests.agent.crm.django_urls",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def register(*users: str) -> None:
    for user in users:
        get_user_model().objects.create_user(user, password="a password")


def disconnect() -> None:
    connections.close_all()
