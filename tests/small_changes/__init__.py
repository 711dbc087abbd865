# SPDX-License-Identifier: Apache-2.0
"""Small changes of `consent/`, each of which some test is to notice."""
