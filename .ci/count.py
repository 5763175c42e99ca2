#!/usr/bin/env python3
"""count.py [--add FILE]... [--save FILE] [BUILD_FOLDER]: one closing line for a test run.

Counts what each program reports: its subtests where it speaks TAP, itself
where it does not. A program that ends badly without a subtest that failed
counts as one more failure. Prints "N passed, N failed, N skipped" and exits
with 1 where something failed or nothing ran. --save FILE keeps the numbers,
--add FILE adds those of an earlier run.
"""
import argparse
import json
import os
import sys
import xml.etree.ElementTree as ElementTree

GOOD = {'OK', 'EXPECTEDFAIL'}
BAD_TAGS = ('failure', 'error')


def read_programs(folder):
    """Result of each test program, by name."""
    path = os.path.join(folder, 'meson-logs', 'testlog.json')
    with open(path, encoding='utf-8') as file:
        rows = [json.loads(line) for line in file if line.strip()]
    return {row['name']: row['result'] for row in rows}


def read_subtests(folder):
    """(passed, failed, skipped) of each program that reports subtests."""
    path = os.path.join(folder, 'meson-logs', 'testlog.junit.xml')
    found = {}
    for suite in ElementTree.parse(path).getroot().iter('testsuite'):
        cases = suite.findall('testcase')
        failed = sum(any(case.find(tag) is not None for tag in BAD_TAGS)
                     for case in cases)
        skipped = sum(case.find('skipped') is not None for case in cases)
        # Of a program: "<project>.<name>"; programs without subtests share
        # one of the project, whose name no program has.
        name = suite.get('name').split('.', 1)[-1]
        found[name] = (len(cases) - failed - skipped, failed, skipped)
    return found


def count(folder):
    passed = failed = skipped = 0
    subtests = read_subtests(folder)
    for name, result in read_programs(folder).items():
        good, bad, left_out = subtests.get(name, (0, 0, 0))
        if result == 'SKIP' and not good:
            skipped += max(left_out, 1)
            continue
        if result in GOOD and not (good or bad or left_out):
            good = 1
        elif result not in GOOD and result != 'SKIP' and not bad:
            bad = 1
        passed += good
        failed += bad
        skipped += left_out
    return [passed, failed, skipped]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--add', action='append', default=[])
    parser.add_argument('--save')
    parser.add_argument('folder', nargs='?')
    args = parser.parse_args()
    total = count(args.folder) if args.folder else [0, 0, 0]
    for path in args.add:
        with open(path, encoding='utf-8') as file:
            total = [a + b for a, b in zip(total, json.load(file))]
    if args.save:
        with open(args.save, 'w', encoding='utf-8') as file:
            json.dump(total, file)
    print('{} passed, {} failed, {} skipped'.format(*total))
    return 1 if total[1] or not total[0] else 0


if __name__ == '__main__':
    sys.exit(main())
