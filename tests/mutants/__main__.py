"""Write docs/mutants.md from mutmut's last run; fails under 90 %, and on a survivor without a reason."""

import sys

from tests.mutants.page import ENOUGH, PAGE, page, share
from tests.mutants.survivors import reasons, tallies

if __name__ == "__main__":
    found, known = tallies(), reasons()
    PAGE.write_text(page(found, known))
    unexplained = [one for tally in found for one in tally.survivors if not one.reason(known)]
    sys.stdout.write(f"{share(found):.1%} of {sum(tally.made for tally in found)} changes were noticed.\n")
    for one in unexplained:
        sys.stdout.write(f"no reason: {one.function}: {one.before} => {one.after}\n")
    sys.exit(share(found) < ENOUGH or bool(unexplained))
