#!/usr/bin/env python3
"""summary.py: the table that RESULTS.md begins with, from what "loadgen
compare --json" wrote.

    summary.py LOAD=FILE.json...

Figures are medians over the rounds; a ratio is the median of the rounds' own
ratios, Bifrons over Janus. What a figure may be is in FIGURES, from the
project's targets; a figure without a bound is shown for comparison.
"""
import json
import statistics
import sys

CPU = 'cpu us/forwarded packet'

# load: rows of (what the table says, compare's name of it, kind, bound).
# Kinds: "ratio" at most; "least": Bifrons' own figure at least; "threads":
# threads a PeerConnection, at most; "show": no bound.
FIGURES = {
    'fanout10': [('CPU a packet, us', CPU, 'ratio', 0.35)],
    'fanout30': [
        ('CPU a packet, us', CPU, 'ratio', 0.25),
        ('video latency p99, ms', 'latency video p99 ms', 'ratio', 1.0),
    ],
    'fanout100': [
        ('CPU a packet, us', CPU, 'ratio', 0.20),
        ('memory a PeerConnection, kB', 'RSS kB per PC', 'ratio', 1.5),
        ('threads a PeerConnection', 'threads', 'threads', 2),
        ('video latency p99, ms', 'latency video p99 ms', 'ratio', 1.0),
    ],
    'room5': [
        ('CPU a packet, us', CPU, 'ratio', 0.35),
        ('video latency p99, ms', 'latency video p99 ms', 'ratio', 1.0),
    ],
    'echo': [
        ('CPU a packet, us', CPU, 'ratio', 0.35),
        ('video latency p99, ms', 'latency video p99 ms', 'ratio', 1.0),
    ],
    'loss30': [
        ('CPU a packet, us', CPU, 'ratio', 0.35),
        ('NACKs answered, %', 'NACK answered %', 'least', 99),
        ('lost in the end, %', 'loss end to end %', 'show', None),
    ],
    'record': [('CPU, cores', 'cpu cores', 'ratio', 1.5)],
    'recordmjr': [('CPU, cores', 'cpu cores', 'show', None)],
    'setup': [
        ('set-up p50, ms', 'setup p50 ms', 'ratio', 1.0),
        ('CPU of set-up and teardown, us', 'cpu us/cycle', 'ratio', 2.0),
    ],
    'churn': [
        ('CPU a cycle, us', 'cpu us/cycle', 'ratio', 1.0),
        ('cycles a second', 'cycles/s', 'least', 5000),
    ],
}


def threads(report, side):
    """Threads of a load's server, and its PeerConnections."""
    runs = report[side]
    return (statistics.median(run['server']['threads'] for run in runs),
            runs[0]['peerconnections'])


def per_peer(report, fewer, side):
    """Threads that a PeerConnection more costs; the process has some of its
    own, which begin with the first one."""
    n, peers = threads(report, side)
    if fewer is None:
        run = report[side][0]
        return (n - run['server']['threads_before']) / peers
    n_fewer, peers_fewer = threads(fewer, side)
    return (n - n_fewer) / (peers - peers_fewer)


def medians(report, name, kind, fewer):
    """Janus, Bifrons, and the ratio (None where there is none)."""
    if kind == 'threads':
        a, b = (per_peer(report, fewer, side) for side in 'ab')
        return a, b, b / a if a else None
    row = report['summary'].get(name)
    if row is None:
        return None
    return row['a_median'], row['b_median'], \
        row['ratio_median'] if row['ratios'] else None


def verdict(kind, bound, ours, ratio):
    """What was asked for, and whether it was met."""
    if kind == 'show':
        return '', ''
    if kind == 'ratio':
        met = ratio is not None and ratio <= bound
        return f'ratio ≤ {bound:g}', 'yes' if met else '**no**'
    if kind == 'threads':
        return f'≤ {bound:g}', 'yes' if ours <= bound else '**no**'
    return f'≥ {bound:g}', 'yes' if ours >= bound else '**no**'


def number(value):
    if value is None:
        return ''
    return f'{value:.0f}' if abs(value) >= 1000 else f'{value:.3g}'


def lines(load, report, fewer):
    for text, name, kind, bound in FIGURES.get(load, []):
        found = medians(report, name, kind, fewer)
        if found is None:
            if kind != 'show':
                yield f'| {load} | {text} | | | | | not measured |'
            continue
        janus, ours, ratio = found
        asked, met = verdict(kind, bound, ours, ratio)
        yield (f'| {load} | {text} | {number(janus)} | {number(ours)} '
               f'| {number(ratio)} | {asked} | {met} |')


def main(arguments):
    print('| load | figure | Janus | Bifrons | ratio | asked for | met |')
    print('|---|---|---|---|---|---|---|')
    reports = {}
    for argument in arguments:
        load, _, path = argument.partition('=')
        with open(path, encoding='utf-8') as file:
            reports[load] = json.load(file)
    for load, report in reports.items():
        for line in lines(load, report, reports.get('fanout30')):
            print(line)


if __name__ == '__main__':
    main(sys.argv[1:])
