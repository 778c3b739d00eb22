"""The application."""

from django.apps import AppConfig


class CodeConfig(AppConfig):
    name = "django_app"
    label = "code"
