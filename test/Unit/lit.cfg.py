"""Runs each gtest case as one lit test."""

import lit.formats

config.name = "RopeUnit"
config.suffixes = []
config.test_source_root = config.test_exec_root
config.test_format = lit.formats.GoogleTest(".", "Tests")
