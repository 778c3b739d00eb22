"""The engine with filters for models."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from typing import Any

from django.db.models import Q

from arctos.arctos import Arctos
from arctos.django.filter import filter_of
from arctos.django.mapping import is_model, let_be_iterated

__all__ = ["DjangoArctos"]


class DjangoArctos(Arctos):
    """An :class:`arctos.Arctos` for the models of a project.

        az = DjangoArctos()
        az.register_class(Repo)
        az.load_files(["main.polar"])
        Repo.objects.filter(az.filter(user, "read", Repo)).order_by("name")[:20]
    """

    def register_class(
        self, cls: type[Any], *, name: str | None = None, fields: dict[str, Any] | None = None
    ) -> None:
        """As :meth:`arctos.Polar.register_class`. What the rows of a model are is read from the model."""
        super().register_class(cls, name=name, fields=fields)
        if is_model(cls):
            let_be_iterated(cls)

    def filter(self, actor: object, action: Any, model: type[Any]) -> Q:
        """A condition that holds of exactly the rows for which :meth:`is_allowed` does.

        :param model: a registered model
        :raises UnsupportedError: where the policy asks something of the rows that a database cannot answer, with its place
        """
        return filter_of(self.host, actor, action, model)
