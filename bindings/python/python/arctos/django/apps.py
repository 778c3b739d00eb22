"""The application that registers the models of all others, and loads their policies."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.utils.autoreload import autoreload_started

__all__ = ["ArctosConfig"]


class ArctosConfig(AppConfig):
    """Of ``INSTALLED_APPS``."""

    name = "arctos.django"
    label = "arctos"
    verbose_name = "Arctos"

    def ready(self) -> None:
        """Registers and loads; the development server starts anew where a policy changes."""
        from arctos.django.oso import init_oso

        init_oso()
        autoreload_started.connect(_watch, dispatch_uid="arctos")


def _watch(sender: Any, **_: Any) -> None:
    from arctos.django.oso import policy_folders

    for folder in policy_folders():
        sender.watch_dir(Path(folder), "**/*.polar")
