# SPDX-License-Identifier: Apache-2.0
"""Service objects that start the real thing: a console, Flink installations. For tests and benches."""
