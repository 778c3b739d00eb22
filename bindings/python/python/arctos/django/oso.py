"""The engine of a project: what ``arctos.django`` asks."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.http import HttpRequest

from arctos.django.engine import DjangoArctos

__all__ = ["Oso", "init_oso", "load_policies", "policy_folders", "reset_oso"]

Oso: DjangoArctos = DjangoArctos()
"""The engine of the project. Further classes and constants are registered in the ``ready`` of an application."""


def init_oso() -> None:
    """Registers the models of all applications as ``app_label::Model``, ``auth::AnonymousUser`` and ``HttpRequest``, and loads the policies.

    What has been registered stays so.
    """
    for model in apps.get_models(include_auto_created=False):
        label = model._meta.app_label.replace(".", "::")
        _register(model, f"{label}::{model.__name__}")
    if apps.is_installed("django.contrib.auth"):
        from django.contrib.auth.models import AnonymousUser

        _register(AnonymousUser, "auth::AnonymousUser")
        _register(AnonymousUser, "django::contrib::auth::AnonymousUser")
    _register(HttpRequest, "HttpRequest")
    load_policies()


def _register(cls: type[object], name: str) -> None:
    if name not in Oso.host.types:
        Oso.register_class(cls, name=name)


def policy_folders() -> list[Path]:
    """The ``policy`` folders of the applications, in the order of ``INSTALLED_APPS``."""
    folders = [Path(config.path) / "policy" for config in apps.get_app_configs()]
    return [folder for folder in folders if folder.is_dir()]


def load_policies() -> None:
    """Loads the files ``policy/**/*.polar`` of all applications, in place of the policy that there is. When they are wrong, that one stays."""
    files = [file for folder in policy_folders() for file in sorted(folder.rglob("*.polar"))]
    if files:
        Oso.reload(files)


def reset_oso() -> None:
    """Forgets the policy, and loads it again."""
    Oso.clear_rules()
    init_oso()
