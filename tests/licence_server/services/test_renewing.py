"""Several licences renewed at once, each for itself, over both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from keys.errors import InvalidInputError, UnavailableError
from licence_server.domain.duration import YEAR
from licence_server.domain.licence import Licence, Picked
from licence_server.domain.paging import Place, every
from licence_server.domain.renewal import MOST_AT_ONCE, Extension
from licence_server.services.ports import Unit, Units
from licence_server.services.renewing import NOT_TRIED, chosen
from tests.licence_server.vendor import ME, Vendor

DAY = 86_400


def sold(vendor: Vendor, *days: int) -> list[Licence]:
    """Licences that end in so many days; where they ended already, somebody shortened them."""
    customer, now = vendor.customer().id, vendor.clock.now()
    licences = [vendor.sell(customer, ends_at=now + max(1, each) * DAY, starts_at=now - 900 * DAY)[0] for each in days]
    return [
        vendor.changing.renew(licence.id, now + each * DAY, ME) for licence, each in zip(licences, days, strict=True)
    ]


def ends(vendor: Vendor, licences: list[Licence]) -> list[int | None]:
    return [vendor.licence(licence.id).terms.ends_at for licence in licences]


def test_due_is_what_ends_soon_or_ended_lately_by_its_end(vendor: Vendor) -> None:
    licences = sold(vendor, 29, -89, 5, 31, -91, 5)
    vendor.sell()
    gone = sold(vendor, 6)[0]
    vendor.suspending.revoke(gone.id, "returned", ME)
    wanted = sorted((licences[each] for each in (0, 1, 2, 5)), key=lambda each: (each.terms.ends_at, each.id))
    for most in (1, 2, 500):
        found = list(every(lambda after, most=most: vendor.renewing.due(30, after, most)))  # type: ignore[misc]
        assert [view.licence for view in found] == wanted
    assert [view.licence.id for view in vendor.renewing.due(0).found] == [licences[1].id]
    assert [view.state for view in vendor.renewing.due(0).found] == ["expired"]
    for within, most in ((-1, 1), (30, 0)):
        with pytest.raises(InvalidInputError):
            vendor.renewing.due(within, most=most)


def test_a_list_of_ends_takes_as_many_queries_however_long_it_is(vendor: Vendor, queries: list[str]) -> None:
    counts = set()
    for _ in range(2):
        licences = sold(vendor, 1, 2, 3)
        queries.clear()
        vendor.renewing.due(30)
        vendor.renewing.outlook([chosen(each) for each in licences], Extension(YEAR))
        counts.add(len(queries))
    assert len(counts) == 1


def test_each_licence_is_renewed_or_refused_for_itself(vendor: Vendor) -> None:
    good, changed, gone, other = sold(vendor, 5, 6, 7, -20)
    places = [chosen(each) for each in (good, changed, gone, other)] + [Place(1, "lic_none")]
    vendor.changing.renew(changed.id, None, ME)
    vendor.suspending.revoke(gone.id, "returned", ME)
    extension = Extension(YEAR)
    outlooks = vendor.renewing.outlook(places, extension)
    outcomes = vendor.renewing.extend([*places, places[0]], extension, ME)
    assert [bool(each.refusal) for each in outlooks] == [False, True, True, False, True]
    assert [each.refusal for each in outcomes] == [each.refusal for each in outlooks]
    said = [each.refusal for each in outcomes]
    assert "another end meanwhile" in said[1]
    assert "revoked" in said[2]
    assert said[4] == "There is no licence lic_none."
    assert [each.view and each.view.licence.id for each in outcomes] == [good.id, changed.id, gone.id, other.id, None]
    for licence, outlook, outcome in ((good, outlooks[0], outcomes[0]), (other, outlooks[3], outcomes[3])):
        end = YEAR.after(licence.terms.ends_at or 0)
        assert outlook.ends_at == end
        assert outcome.licence == vendor.licence(licence.id)
        assert ends(vendor, [licence]) == [end]
        assert vendor.events(licence.id)[-1] == "licence_renewed"
    assert ends(vendor, [changed, gone]) == [None, gone.terms.ends_at]
    assert vendor.auditing.verify().valid


def test_one_day_for_all(vendor: Vendor) -> None:
    licences = sold(vendor, 5, 50, 500)
    day = vendor.clock.now() + 100 * DAY
    outcomes = vendor.renewing.extend([chosen(each) for each in licences], Extension(ends_at=day), ME)
    assert ends(vendor, licences) == [day, day, licences[2].terms.ends_at]
    assert "later than it does now" in outcomes[2].refusal


def test_of_several_who_renew_the_same_at_once_one_does(vendor: Vendor) -> None:
    licences = sold(vendor, 5, 6, 7)
    places = [chosen(each) for each in licences]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: vendor.renewing.extend(places, Extension(YEAR), ME), range(4)))
    assert ends(vendor, licences) == [YEAR.after(each.terms.ends_at or 0) for each in licences]
    done = [each.place for some in outcomes for each in some if each.licence]
    assert sorted(done) == sorted(places)
    said = {each.refusal for some in outcomes for each in some if not each.licence}
    assert said == {"It has this end already: it was renewed meanwhile."}


@dataclass
class Failing:
    """A database that goes away after some transactions; the last of them is made, and nobody hears of it."""

    units: Units
    good: int
    asked: list[int] = field(default_factory=list)

    @contextmanager
    def __call__(self) -> Iterator[Unit]:
        self.asked.append(1)
        with self.units() as unit:
            yield unit
        if len(self.asked) > self.good:
            raise UnavailableError("The database is away.", 5)


def test_what_was_done_before_the_database_went_away_stays_done_and_is_not_done_again(vendor: Vendor) -> None:
    licences = sold(vendor, 5, 6, 7, 8)
    places, extension = [chosen(each) for each in licences], Extension(YEAR)
    failing = Failing(vendor.database.unit, good=1)
    broken = replace(vendor.renewing, units=failing)
    outcomes = broken.extend(places, extension, ME)
    assert [each.refusal for each in outcomes] == ["", "The database is away.", NOT_TRIED, NOT_TRIED]
    assert len(failing.asked) == 2
    after = [YEAR.after(each.terms.ends_at or 0) for each in licences]
    before = [each.terms.ends_at for each in licences]
    assert ends(vendor, licences) == [after[0], after[1], before[2], before[3]]
    again = vendor.renewing.extend(places, extension, ME)
    assert [each.licence is not None for each in again] == [False, False, True, True]
    assert ends(vendor, licences) == after
    assert vendor.auditing.verify().valid


@pytest.mark.parametrize("count", [0, MOST_AT_ONCE + 1])
def test_so_many_at_once(vendor: Vendor, count: int) -> None:
    places = [Place(1, f"lic_{number}") for number in range(count)]
    for attempt in (
        lambda: vendor.renewing.extend(places, Extension(YEAR), ME),
        lambda: vendor.renewing.outlook(places, Extension(YEAR)),
        lambda: vendor.renewing.extend([Place(1, "lic_1")], Extension(), ME),
    ):
        with pytest.raises(InvalidInputError):
            attempt()


def test_ends_after_picks_too(vendor: Vendor) -> None:
    licences = sold(vendor, 5, 6, 7)
    middle = licences[1].terms.ends_at or 0
    found = vendor.reading.licences(Picked(ends_after=middle, ends_before=middle + 1)).found
    assert [view.licence.id for view in found] == [licences[1].id]
