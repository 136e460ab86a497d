"""What happens behind a proxy that remembers nothing, as most examples of ``auth_request`` have it."""

import http.client

import pytest

from tests.crm.fronts import behind_nginx
from tests.crm.house import working
from tests.crm.installing import PEOPLE
from tests.stories.processes import pause

FORGETFUL = {"proxy_cache licence;": "proxy_cache off;"}


@pytest.mark.long
@pytest.mark.threat(41, control=True)
def test_a_proxy_that_remembers_nothing_throws_people_out_when_the_agent_restarts() -> None:
    with behind_nginx(FORGETFUL) as house:
        people = [house.person(name) for name in PEOPLE[:2]]
        with working(people) as answers:
            pause(0.5)
            house.customer.cradle.kill()
            pause(0.5)
            house.start_agent()
        assert http.client.SERVICE_UNAVAILABLE in {answer.status for answer in answers}
