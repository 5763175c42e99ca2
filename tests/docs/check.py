#!/usr/bin/env python3
"""check.py BIFRONS SOURCE_FOLDER MAN_PAGE: what is written agrees with the code.

Every option of src/options.c is in --help and in the man page; every row of
every plugin's tables is in --print-api. TAP.
"""
import os
import re
import subprocess
import sys

program, source, man_page = sys.argv[1:]
failed = 0
number = 0


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return file.read()


def check(name, missing):
    global failed, number
    number += 1
    failed += bool(missing)
    print('{}ok {} - {}'.format('not ' if missing else '', number, name))
    for what in missing:
        print('# not there:', what)


def output(*args):
    env = dict(os.environ, LC_ALL='C')
    return subprocess.run([program, *args], env=env, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def c_string(text):
    """The value of string literals that stand side by side."""
    return ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)).replace('\\"', '"')


def option_names():
    rows = re.findall(r"\{ (?:'(.)'|0), \"([a-z0-9-]+)\", OPTION_",
                      read(source, 'src', 'options.c'))
    return [('-' + letter if letter else None, '--' + name)
            for letter, name in rows + [('h', 'help'), ('V', 'version')]]


def lacks_option(text, letter, name):
    both = letter + ', ' + name if letter else name
    return not re.search(r'(^|\s)' + re.escape(both) + r'(?![a-z0-9-])', text,
                         re.MULTILINE)


def check_options():
    options = option_names()
    manual = re.sub(r'\\f.|\\&', '', read(man_page)).replace('\\-', '-')
    help_text = output('--help')
    check('options are found', [] if len(options) > 40 else ['a table'])
    check('--help has every option', [name for letter, name in options
                                      if lacks_option(help_text, letter, name)])
    check('the man page has every option',
          [name for letter, name in options
           if lacks_option(manual, letter, name)])


def check_plugin(name, api):
    text = read(source, 'src', 'plugins', name, name + '.c')
    strings = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
    fields = re.findall(r'\n  BIF_(?!REQUEST)[A-Z_0-9]+ \(\w+, (\w+),[^"]*?' + strings
                        + r'\)', text)
    requests = re.findall(r'\n  BIF_REQUEST \((?:NULL|"(\w+)"),[^"]*' + strings
                          + r'\)', text)
    numbers = re.findall(r'\n  \{\w+, (\d+)\}', text)
    check(name + ' has tables', [] if requests and numbers
          and (fields or 'no_fields' in text) else ['rows'])
    check(name + ': every field',
          [field for field, doc in fields if not re.search(
              r'\| `{}` \|.*\| {} \|'.format(field, re.escape(c_string(doc))),
              api)])
    check(name + ': every request',
          [request for request, doc in requests
           if '\n{}.'.format(c_string(doc)) not in api
           or request and '### ' + request not in api])
    check(name + ': every error number',
          [row for row in numbers
           if not re.search(r'error_code`:.*\b{}\b'.format(row), api)])


check_options()
reference = output('--print-api')
folder = os.path.join(source, 'src', 'plugins')
for plugin in sorted(os.listdir(folder)):
    if os.path.exists(os.path.join(folder, plugin, plugin + '.c')):
        check_plugin(plugin, reference)
print('1..{}'.format(number))
sys.exit(1 if failed else 0)
