"""What pages of imports say of a file."""

from django import template

from layers.web.forms import by_fields

register = template.Library()
register.filter("by_fields", by_fields)
