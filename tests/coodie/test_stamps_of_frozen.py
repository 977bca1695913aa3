"""Stamps of documents that Pydantic lets nobody assign to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import ConfigDict, ValidationError

from coodie.fields import PrimaryKey
from coodie.mixins import SoftDeleted, Timestamped
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Receipt(Timestamped, Document):
    model_config = ConfigDict(frozen=True)

    id: Annotated[int, PrimaryKey()]
    total: int = 0


def test_a_frozen_document_is_stamped(driver: ScriptedDriver) -> None:
    receipt = Receipt(id=1)
    receipt.save()
    created = receipt.created_at
    assert created is not None
    assert receipt.updated_at == created
    cql = driver.requests[-1].statement.cql
    assert cql == "INSERT INTO ks.receipt (created_at, updated_at, id, total) VALUES (?, ?, ?, ?)"
    assert tuple(driver.requests[-1].params) == (created, created, 1, 0)
    assert {"created_at", "updated_at"} <= receipt.model_fields_set
    receipt.update(total=7)
    assert driver.requests[-1].statement.cql == "UPDATE ks.receipt SET updated_at = ?, total = ? WHERE id = ?"
    assert receipt.total == 7
    assert receipt.updated_at is not None
    assert receipt.updated_at >= created


def test_it_stays_frozen_to_others(driver: ScriptedDriver) -> None:
    receipt = Receipt(id=1)
    receipt.save()
    with pytest.raises(ValidationError, match="Instance is frozen"):
        receipt.updated_at = None
    assert receipt.updated_at is not None
    assert len(driver.requests) == 1


def test_stamps_of_what_was_not_written_are_taken_back(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(False, 1)], ("[applied]", "id"), None, False))
    receipt = Receipt(id=1)
    assert not receipt.insert().applied
    assert (receipt.created_at, receipt.updated_at) == (None, None)


class Voucher(SoftDeleted, Document):
    model_config = ConfigDict(frozen=True)

    id: Annotated[int, PrimaryKey()]


def test_a_frozen_document_is_marked_as_deleted_and_restored(driver: ScriptedDriver) -> None:
    voucher = Voucher(id=1)
    voucher.save()
    voucher.mark_deleted()
    assert voucher.is_deleted
    voucher.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.voucher SET deleted_at = ? WHERE id = ?"
    assert tuple(driver.requests[-1].params) == (voucher.deleted_at, 1)
    voucher.mark_restored()
    voucher.update()
    assert tuple(driver.requests[-1].params) == (None, 1)
    with pytest.raises(ValidationError, match="Instance is frozen"):
        voucher.deleted_at = None
