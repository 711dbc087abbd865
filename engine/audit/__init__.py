# SPDX-License-Identifier: Apache-2.0
"""What an auditor is told: a verified history under several policies, ready to be shown.

Everything here is figures and words; `engine/web` turns them into a file or a page.
"""
