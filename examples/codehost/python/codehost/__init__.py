"""A small code-hosting service that asks a Polar policy before it does anything."""

from .app import Settings, create_app

__all__ = ["Settings", "create_app"]
