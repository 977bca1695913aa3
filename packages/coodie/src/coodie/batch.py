"""Batches of both kinds, under one import path."""

from __future__ import annotations

from coodie.aio.batch import AsyncBatchQuery
from coodie.sync.batch import BatchQuery

__all__ = ["AsyncBatchQuery", "BatchQuery"]
