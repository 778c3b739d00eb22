"""The enforcement class by its old module name."""

from arctos.arctos import Arctos, Oso

__all__ = ["Arctos", "Oso"]
