# SPDX-License-Identifier: Apache-2.0
"""`python -m consent.verify DIR`."""

import sys

from consent.verify import main

if __name__ == "__main__":
    sys.exit(main())
