"""The form to sign in with."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """E-mail and password; a refusal does not tell whether the account exists."""

    username = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    error_messages = {
        "invalid_login": _("E-mail and password do not fit together. Check both, then try again."),
        "inactive": _("E-mail and password do not fit together. Check both, then try again."),
    }
