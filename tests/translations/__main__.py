"""Bring the agent's catalogue up to date: python -m tests.translations. Prints what is to be translated."""

import sys

from tests.translations import update

for sentence in update():
    sys.stdout.write(f"not translated yet: {sentence}\n")
