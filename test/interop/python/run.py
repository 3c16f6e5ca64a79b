"""Runs every test here; writes one line of JSON for each into the file that is named, for the suite that counts them."""

import json
import sys
import unittest
from pathlib import Path


class Lines(unittest.TextTestResult):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.troubles = []

    def startTest(self, test):
        super().startTest(test)
        self.troubles = []

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.troubles.append(self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.troubles.append(self.errors[-1][1])

    def stopTest(self, test):
        super().stopTest(test)
        line = {"test": ".".join(test.id().split(".")[-2:]), "trouble": "\n".join(self.troubles)}
        with open(sys.argv[1], "a", encoding="utf-8") as results:
            results.write(json.dumps(line) + "\n")


tests = unittest.defaultTestLoader.discover(str(Path(__file__).parent))
done = unittest.TextTestRunner(resultclass=Lines, verbosity=2).run(tests)
sys.exit(0 if done.wasSuccessful() and done.testsRun > 0 else 1)
