"""Loads the policy and tells it the application's classes."""

from pathlib import Path

from arctos import Arctos

from .models import Issue, Organization, Repository, User

POLICY = Path(__file__).with_name("codehost.polar")


def load() -> Arctos:
    """The policy, ready to answer from any thread."""
    arctos = Arctos()
    for model in (User, Organization, Repository, Issue):
        arctos.register_class(model)
    arctos.load_files([str(POLICY)])
    return arctos
