"""The rules of seats, a table each (protocol, section 7); script.py says how to read a row."""

from pathlib import Path

import pytest

from keys.documents.parts import Seats
from tests.agent.seats.script import Play

ONE, TWO, THREE = (Seats("concurrent", users, None, 1) for users in (1, 2, 3))
NAMED, NAMED_TWO = (Seats("named", users, None, 1) for users in (1, 2))
OVERDRAFT = Seats("concurrent", 1, None, 1, overdraft_users=1, overdraft_days=2)
NAMED_OVERDRAFT = Seats("named", 1, None, 1, overdraft_users=1, overdraft_days=2)


def table(**rows: tuple[Seats, str]) -> pytest.MarkDecorator:
    """Make one test of each row."""
    return pytest.mark.parametrize(("limits", "script"), rows.values(), ids=rows.keys())


@pytest.mark.threat(45)
@table(
    a_place_stays_its_users=(NAMED_TWO, "a b -a -b !c {a,b} a b"),
    a_freed_place_rests_for_a_day=(NAMED, "a /a [] {} !b +86399 !b +1 b {b} !a"),
    who_was_freed_may_return_at_once=(NAMED, "a /a a {a} +1d !b"),
    who_returns_and_is_freed_again_rests_anew=(NAMED, "a /a +80000 a /a +80000 !b +6400 b"),
    a_restart_forgets_neither=(NAMED, "a /a ~ !b +86399 ~ !b +1 b ~ !a {b}"),
    a_name_freed_while_the_clock_was_ahead_rests_a_day_and_no_more=(NAMED, "a w+900d /a w-900d !b +86399 !b +1 b"),
    nor_does_it_after_a_restart=(NAMED, "a w+900d /a w-900d ~ !b +86399 !b +1 b"),
    a_place_that_has_rested_is_forgotten=(NAMED_TWO, "a b /a +1d ~ c {b,c} !a"),
    a_lowered_limit_lets_in_no_more_at_once=(NAMED_TWO, "a b -a -b users=1 a !b -a b !a"),
    service_accounts_and_the_administrator_get_no_place=(NAMED, "x* root {} a {a} [a,root,x]"),
    the_administrator_gives_a_place_to_who_can_use_it=(NAMED, "a !b root /a !b +1d root b"),
)
def test_named(tmp_path: Path, limits: Seats, script: str) -> None:
    Play(tmp_path, limits).run(script)


@table(
    so_many_more_get_in_and_no_more=(OVERDRAFT, "a o- b o1/1 !c"),
    on_so_many_days_and_no_more=(OVERDRAFT, "a b +1d a b o1/0 +1d a !b"),
    coming_again_on_the_same_day_costs_no_other=(OVERDRAFT, "a b -b b o1/1 -b c o1/1"),
    a_day_counts_for_thirty=(OVERDRAFT, "a b +1d a b +28d a !b +1d a b o1/0 +1d a b +1d a !b"),
    who_is_in_when_the_days_end_stays_until_the_seat_ends=(OVERDRAFT, "a b +1d a b ^1d [a,b] o1/0 -b !b"),
    whoever_leaves_makes_room_for_who_was_beyond=(OVERDRAFT, "a b -a o- c o1/1 !a"),
    restarts_forget_no_day=(OVERDRAFT, "a b ~ [a,b] +1d [] ~ a b ~ +1d [] ~ a !b"),
    the_administrator_never_counts=(OVERDRAFT, "root a o- b o1/1 !c [a,b,root]"),
    named_users_beyond_the_limit_get_no_place=(NAMED_OVERDRAFT, "a b o1/1 {a} !c -b c {a} -a -c d {a}"),
    a_named_user_has_the_place_even_when_others_are_beyond=(NAMED_OVERDRAFT, "a -a b o1/1 a [a,b] o1/1"),
    and_on_days_without_overdraft=(NAMED_OVERDRAFT, "a -a b +1d b ^1d [b] a [a,b] o1/0 -b !b"),
    places_of_who_is_not_in_are_beyond_nothing=(NAMED_OVERDRAFT, "users=2 a b -a -b users=1 o- a o- c o1/1 !d"),
    none_without_users_agreed=(ONE, "a !b o-"),
    none_without_days=(OVERDRAFT, "overdraft_days=0 a !b"),
    a_clock_set_ahead_and_back_gains_no_day=(OVERDRAFT, "w+7d a b w-7d +1d a b +1d a !b"),
)
def test_overdraft(tmp_path: Path, limits: Seats, script: str) -> None:
    Play(tmp_path, limits).run(script)


@table(
    they_cost_no_user=(ONE, "x* a !b [a,x]"),
    they_have_a_number_of_their_own=(ONE, "x* !y* -x* y* !x*"),
    one_on_two_clients_is_one=(ONE, "x* x*@2 !y*"),
    they_need_a_client=(Seats("concurrent", 2, 1, 1), "a !x* -a x* !a"),
    overdraft_is_for_people=(OVERDRAFT, "x* !y* a b o1/1"),
    named_models_count_them_alike=(NAMED, "x* !y* a !b {a}"),
    none_agreed=(Seats("concurrent", 1, None), "!x* a"),
)
def test_service(tmp_path: Path, limits: Seats, script: str) -> None:
    Play(tmp_path, limits).run(script)


@table(
    who_is_in_stays=(THREE, "a b c users=1 ^600 [a,b,c] a a@2 !d"),
    nobody_new_gets_in_until_enough_have_left=(THREE, "a b c users=1 -a !d -b !d -c d !e"),
    new_ones_may_wait_for_it=(TWO, "a b users=1 c? > -a > -b >c [c]"),
    clients_drain_too=(Seats("concurrent", 3, 3), "a b c clients=1 !a@2 a -a -b !a@2 -c a@2"),
    service_accounts_drain_too=(Seats("concurrent", 1, None, 2), "x* y* service=1 x* -x* !z* -y* z*"),
    a_restart_throws_nobody_out=(THREE, "a b c users=1 ~ [a,b,c] ^200 [a,b,c] !d"),
    a_raised_limit_takes_new_ones_at_once=(ONE, "a !b users=2 b"),
)
def test_drain(tmp_path: Path, limits: Seats, script: str) -> None:
    Play(tmp_path, limits).run(script)


@table(
    first_come_first_served=(ONE, "a b? c? > -a >b > -b >c"),
    a_newcomer_never_overtakes=(ONE, "a b? -a !c >b -b c"),
    nor_by_waiting=(ONE, "a b? -a c? >b -b >c"),
    many_seats_at_once_go_to_the_first=(TWO, "a b c? d? e? -a -b >c,d >"),
    who_leaves_holds_up_nobody=(ONE, "a b? c? <b -a >c"),
    who_leaves_last_leaves_the_seat_to_anybody=(ONE, "a b? -a <b c"),
    who_is_in_needs_no_turn=(ONE, "a b? a@2 a"),
    the_administrator_needs_no_turn=(ONE, "a b? -a root >b"),
    service_accounts_have_a_line_of_their_own=(ONE, "a x* y*? -a a -x* >y* b? -a !c >b"),
    time_is_over=(ONE, "a b? +29 > +1 >!b"),
    the_last_try_may_succeed=(ONE, "a b? +30 -a >b"),
    nobody_waits_for_one_who_never_asks=(ONE, "a b? -a +34 !c +1 c"),
    a_seat_that_runs_out_is_taken=(ONE, "a +110 b? +9 > +1 >b"),
    a_place_of_ones_own_is_nobody_elses_room=(NAMED_TWO, "a b -a c? a >"),
    a_client_may_be_taken_where_enough_are_left=(Seats("concurrent", 1, 4), "a b? a@2 a@3 !a@4 >"),
    clients_are_waited_for_too=(Seats("concurrent", 3, 1), "a b? -a !c >b"),
    overdraft_serves_the_line=(OVERDRAFT, "a b c? -b >c o1/1"),
    whose_time_is_over_gives_way_at_once=(Seats("concurrent", 2, 1), "a@1 b@1 c@2? +29 d@1? -b@1 > +1 >!c@2,d@1"),
    a_restart_forgets_the_line=(ONE, "a b? ~ -a c"),
)
def test_queue(tmp_path: Path, limits: Seats, script: str) -> None:
    Play(tmp_path, limits).run(script)


@pytest.mark.threat(46)
@table(
    each_seat=(THREE, "a b c"),
    the_same_pair_again=(ONE, "a -a a -a a"),
    a_restart=(ONE, "a ~ -a b ~ -b ~ a"),
    force_release=(NAMED, "a /a a /a ~ a"),
    a_seat_that_ran_out=(ONE, "a +1d b ~ +1d a"),
    a_place_in_the_queue=(ONE, "a b? -a >b"),
    a_clock_turned_back=(ONE, "w+900d a w-900d ~ -a b ~ -b a"),
)
def test_fencing(tmp_path: Path, limits: Seats, script: str) -> None:
    play = Play(tmp_path, limits)
    play.run(script)
    assert len(play.fences) > 1
    assert play.fences == sorted(set(play.fences))
