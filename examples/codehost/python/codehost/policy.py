"""Loads the policy and tells it the application's classes."""

from pathlib import Path

from arctos.sqlalchemy import SQLAlchemyArctos

from .models import Base

POLICY = Path(__file__).with_name("codehost.polar")


def load() -> SQLAlchemyArctos:
    """The policy, ready to answer from any thread, about all models."""
    arctos = SQLAlchemyArctos(Base)
    arctos.load_files([str(POLICY)])
    return arctos
