"""Datetimes without a time zone, or finer than a timestamp: taken as documented, or refused where a model says so."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from pydantic import NaiveDatetime

from coodie.exceptions import InvalidModelError, InvalidValueError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.mixins import Timestamped
from coodie.sync import Document
from coodie.types import as_timestamp
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

UTC = dt.timezone.utc
AWARE = dt.datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
NAIVE = dt.datetime(2026, 3, 1, 12)  # noqa: DTZ001 - what the tests are about
FINE = AWARE.replace(microsecond=123_456)


class Place(UserType):
    since: dt.datetime | None = None

    class Settings:
        naive_datetimes = "refuse"


class Visit(Document):
    id: Annotated[int, PrimaryKey()]
    at: Annotated[dt.datetime, ClusteringKey()] = AWARE
    seen: dt.datetime | None = None
    local: NaiveDatetime | None = None
    others: list[dt.datetime] = []
    by_name: dict[str, dt.datetime] = {}
    place: Place | None = None


class Strict(Visit):
    class Settings:
        naive_datetimes = "refuse"
        microseconds = "refuse"


class StrictStamped(Timestamped, Strict):
    pass


def test_what_is_finer_or_naive_is_sent_unless_the_model_refuses_it(driver: ScriptedDriver) -> None:
    Visit(id=1, at=FINE, seen=NAIVE, others=[NAIVE]).save()
    Visit.find(id=1, at__gte=NAIVE).all()
    assert len(driver.requests) == 2


REFUSED: dict[str, Callable[[dt.datetime], object]] = {
    "save": lambda moment: Strict(id=1, seen=moment).save(),
    "save_json": lambda moment: Strict(id=1, seen=moment).save_json(),
    "a key": lambda moment: Strict(id=1, at=moment).delete(),
    "a list": lambda moment: Strict(id=1, others=[AWARE, moment]).insert(),
    "a dict": lambda moment: Strict(id=1, by_name={"a": moment}).save(),
    "update": lambda moment: Strict(id=1).update(seen=moment),
    "append": lambda moment: Strict(id=1).update(append__others=moment),
    "update of a query": lambda moment: Strict.find(id=1, at=AWARE).update(seen=moment),
    "a filter": lambda moment: Strict.find(id=1, at__gte=moment),
    "in": lambda moment: Strict.find(id=1, at__in=[moment]),
    "a condition": lambda moment: Strict(id=1).update(seen=AWARE, if_conditions={"seen": moment}),
}


@pytest.mark.parametrize("way", REFUSED)
def test_a_strict_model_refuses_on_every_way(way: str, driver: ScriptedDriver) -> None:
    for moment, sentence in ((NAIVE, r"no time zone, .*now\(timezone\.utc\)"), (FINE, r"coodie\.types\.as_timestamp")):
        with pytest.raises(InvalidValueError, match=sentence):
            REFUSED[way](moment)
    assert driver.requests == []


def test_a_strict_model_takes_what_is_exact_and_what_is_naive_on_purpose(driver: ScriptedDriver) -> None:
    Strict(id=1, seen=as_timestamp(FINE), local=NAIVE, others=[AWARE]).save()
    StrictStamped(id=1).save()
    assert len(driver.requests) == 2
    with pytest.raises(InvalidValueError, match=r"^Strict\.local: .*microseconds"):
        Strict(id=1, local=NAIVE.replace(microsecond=1)).save()


def test_a_user_type_has_rules_of_its_own(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=r"^Visit\.place\.since: the datetime has no time zone"):
        Visit(id=1, place=Place(since=NAIVE)).save()
    Strict(id=1, place=Place(since=FINE)).save()
    assert len(driver.requests) == 1


def test_a_setting_that_is_none_is_refused() -> None:
    for name, words in (("naive_datetimes", "'utc' or 'refuse'"), ("microseconds", "'truncate' or 'refuse'")):
        settings = type("Settings", (), {name: "strict", "__module__": __name__, "__qualname__": "Wrong.Settings"})
        for base, fields in ((Document, {"id": Annotated[int, PrimaryKey()]}), (UserType, {"a": int})):
            with pytest.raises(InvalidModelError, match=rf"Settings\.{name} is {words}"):
                type(
                    "Wrong",
                    (base,),
                    {
                        "__annotations__": fields,
                        "__module__": __name__,
                        "__qualname__": "Wrong",
                        "Settings": settings,
                    },
                )


def test_naive_fields_read_naive_and_others_aware(script: Callable[..., ScriptedDriver]) -> None:
    row: tuple[Any, ...] = (1, AWARE, AWARE, AWARE, [AWARE], None, None)
    script(Reply([row], tuple(Visit.model_fields)))
    visit = Visit.find(id=1).all()[0]
    assert (visit.at.tzinfo, visit.seen, visit.others) == (UTC, AWARE, [AWARE])
    assert visit.local == AWARE.replace(tzinfo=None)


def test_a_saved_document_is_not_written_again_for_what_was_cut_off(driver: ScriptedDriver) -> None:
    visit = Visit(id=1, seen=FINE)
    visit.save()
    visit.update()
    assert len(driver.requests) == 1
    assert visit.seen == FINE != as_timestamp(FINE)


def test_in_every_zone_a_moment_is_kept() -> None:
    zones = sorted(available_timezones())
    assert len(zones) >= 400
    for zone in zones:
        for moment in (FINE, dt.datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC)):
            kept = as_timestamp(moment.astimezone(ZoneInfo(zone)))
            assert kept.tzinfo is UTC
            assert dt.timedelta(0) <= moment - kept < dt.timedelta(milliseconds=1)
