"""The power goes while a device key moves from its file into a TPM: licence and key are there afterwards."""

from functools import partial
from pathlib import Path

import pytest

from agent.config import Settings
from agent.domain.keyplace import FILE
from tests.contract.installed import Installed
from tests.stories.callers import promise
from tests.stories.cuts import cut_often
from tests.stories.test_power_cut_agent import Step, Story, told
from tests.tpm import software_tpm

FIRST = 1
"""The step that moves the key; the one before is the activation."""


class Moving(Story):
    """A customer whose key is to move, and what must be true of it when all was done again."""

    def again(self, agent: Installed, step: Step) -> None:
        super().again(agent, step)
        promise(agent.agent.keys.maker(agent.licence.device_key) != FILE, "the key is not in the TPM")
        kept = [path.suffix for path in agent.home.keys.iterdir()]
        promise(kept == [".tpm"], f"keys are left over: {kept}")


def move(story: Story) -> None:
    """Let the key move with a validation, and validate with it."""
    home = Path(story.environment["LICENCE_AGENT_HOME"])
    (home / "agent.toml").write_text(f'device_key = "tpm"\ntpm = "{story.settings.tpm}"\n')
    story.do("validate")
    story.do("validate")


@pytest.mark.long
@pytest.mark.threat(41)
@pytest.mark.threat(42)
@pytest.mark.timeout(600)
def test_no_cut_loses_the_licence_or_its_key(folder: Path, figure, rounds) -> None:
    cuts = rounds(80, sample=6)
    with software_tpm(folder / "tpm") as tcti:
        story = told(folder, move, kind=partial(Moving, settings=Settings(device_key="tpm", tpm=tcti)))
        cut_often(story.tape, folder, cuts, story.check, first=story.steps[FIRST].moments.start)
    figure(f"a key on its way into a TPM: {cuts} power cuts on both sides, 0 licences and 0 keys lost")
