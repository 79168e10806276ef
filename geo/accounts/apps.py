"""The people who sign in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, who sign in by e-mail; what they may see is said by memberships further down."""

    name = "geo.accounts"
    label = "accounts"
    verbose_name = "Accounts"
