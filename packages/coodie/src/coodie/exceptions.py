"""Every error of the mapper and of the layers below it, under the documented import path."""

from __future__ import annotations

from coodie.errors import (
    DocumentNotFound,
    GuardrailExceededError,
    InvalidModelError,
    InvalidRowError,
    InvalidValueError,
    MultipleDocumentsFound,
    UnknownNameError,
)
from coodie_drivers.errors import ConfigurationError, CoodieError, DriverError, InvalidQueryError

__all__ = [
    "ConfigurationError",
    "CoodieError",
    "DocumentNotFound",
    "DriverError",
    "GuardrailExceededError",
    "InvalidModelError",
    "InvalidQueryError",
    "InvalidRowError",
    "InvalidValueError",
    "MultipleDocumentsFound",
    "UnknownNameError",
]
