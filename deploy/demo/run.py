"""make demo: the product does its job on this machine, from the order to the audit record.

Every step runs the real programs. The exit status is 0 when all of it went as told, and 1 otherwise.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from narrator import Narrator, StoryError
from programs import Programs
from story import Story


def main() -> int:
    """Tell the story; leave nothing behind unless asked to."""
    parser = argparse.ArgumentParser(description="See the licence server and its agent do their job on this machine.")
    parser.add_argument("--keep", action="store_true", help="leave everything running, and print how to play with it")
    keep = parser.parse_args().keep
    narrator, began = Narrator(), time.perf_counter()
    programs = Programs(Path(tempfile.mkdtemp(prefix="licence-demo-")), narrator)
    story, went_well = Story(programs, narrator), False
    try:
        story.tell()
        went_well = True
        print(f"\nAll {narrator.steps} steps went as told, in {time.perf_counter() - began:.0f} seconds.")
    except StoryError as error:
        print(f"      {error}\n\nThe demo stopped. The logs are in {programs.folder}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
    finally:
        if keep and went_well:
            story.how_to_play()
        else:
            programs.stop_all()
            if went_well:
                shutil.rmtree(programs.folder)
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main())
