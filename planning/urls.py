"""Addresses of the planners' room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
