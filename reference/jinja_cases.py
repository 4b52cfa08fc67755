"""Writes core/src/test/resources/dev/slipway/tokenizer/jinja/cases.json.gz: small templates, a feature each, with what
Jinja2 gives for them in the environment of transformers' chat templates. Pinned: transformers==5.23.0, Jinja2==3.1.6, on
Python 3.11 (whose wording of errors is compared, too).

Usage: python reference/jinja_cases.py
"""
import datetime
import gzip
import json
import re
from pathlib import Path

from transformers.utils import chat_template_utils

TARGET = Path(__file__).parents[1] / "core/src/test/resources/dev/slipway/tokenizer/jinja/cases.json.gz"

VARIABLES = {
    "text": "Hello, World",
    "empty": "",
    "spaced": "  a  b c ",
    "number": 42,
    "negative": -7,
    "real": 3.14159,
    "big": 123456789012345678901234567890,
    "yes": True,
    "no": False,
    "nothing": None,
    "list": [3, 1, 2],
    "words": ["banana", "Apple", "cherry", "apple"],
    "nested": [[1, 2], [3, 4], [5]],
    "dict": {"b": 1, "a": 2, "C": 3},
    "user": {"name": "Zoë", "age": 30, "tags": ["x", "y"], "address": {"city": "Zürich"}, "items": "hidden"},
    "users": [
        {"name": "Ann", "age": 31, "city": "Rome", "active": True},
        {"name": "bob", "age": 25, "city": "Oslo", "active": False},
        {"name": "Cid", "age": 31, "city": "rome", "active": True},
        {"name": "Dee", "city": "Oslo", "active": None},
    ],
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": " Hi \n"},
        {"role": "assistant", "content": "Hello 👋 \"you\" <b>'x'</b> & co\t\u00e9\u4f60"},
    ],
    "unicode": "ÀÉÎ straße ǅ 你好 🙂 e\u0301 \u00a0x",
    "greek": "\u0391\u03a3 \u03a3\u0391 \u0391.\u03a3 \u0391\u03a3'\u03a3 \u03a3\u03a3 \u03a3 a\u03a3\u0301 \u1fb2 \u1fb7x \u1f80",
    "letters": "\u0149a \u00dfa \ufb03 \u01c6 \u01c5 \u0130i \u0131I \u1e9e \u0138 \u00aaA \u24d0b \u2167x \u13f8\uab70\u13a0",
    "lines": "one\n  two\n\nthree\r\nfour\x0bfive",
    "tree": [{"n": 1, "kids": [{"n": 2, "kids": [{"n": 3, "kids": []}]}, {"n": 4, "kids": []}]}],
    "json": {"a": [1, 2.0, 1e20, 1e-7, None, True], "b": {"ü": "\u2028</script>\x7f\x01"}, "e": [], "f": {}},
}

# Each section is a list of templates; expressions are put between braces.
EXPRESSIONS = {
    "literals": """1 | 1.5 | 1e3 | 1E-2 | .5 if false else 0 | 0x1F | 0o17 | 0b101 | 1_000 | 1_0.5_0 | 'a' "b" 'c' | '\\n\\t\\x41\\u00e9\\\\\\'' | "\\q"
        true | True | none | None | [] | [1,] | [1, 'a', none] | () | (1,) | 1, 2 | {} | {'a': 1, 2: [3]} | {1: 'x', 1.0: 'y', true: 'z'}
        'it\\'s' | "say \\"x\\"" | ['it\\'s "x"'] | ['\\n\\u200b\\x00é'] | 1e16 | 1e15 | 123456.789 | 1e-4 | 0.00001 | 1.0 | -0.0 | big | 007 | 1.e | 1.real""",
    "arithmetic": """1 + 2 * 3 | (1 + 2) * 3 | 7 / 2 | 6 / 2 | 7 // 2 | -7 // 2 | 7 // -2 | 7 % 3 | -7 % 3 | 7 % -3 | 7.5 % 2 | -7.5 % 2 | 7.5 // 2 | 2 ** 10 | 2 ** -1 | 2 ** 0.5 | 2 ** 3 ** 2
        -2 ** 2 | (-2) ** 2 | 1 / 0 | 1 % 0 | 1 // 0 | 1.0 / 0 | 1 + 1.5 | 0.1 + 0.2 | 10 ** 20 | big * big | big / 3 | 'a' + 'b' | 'a' * 3 | 3 * 'ab' | [1] + [2] | [0] * 3 | (1,) + (2,)
        'a' + 1 | 1 + 'a' | [1] + 'a' | 'a' * 'b' | 'a' - 'b' | none + 1 | 'a' / 2 | +number | -number | -text | +'a' | not number | true + 1 | true + true | 1 - 1.0 | [] * 0 | -true
        missing + 1 | 1 + missing | 'a' + missing | missing * 2 | -missing | missing ** 2 | 5 ** missing | 'x' ~ missing | [1] + missing | 1e308 * 10 | 2.5 // 0 | 5.0 % 0 | 0 ** 0 | 0 ** -1 | 1 ** 1000""",
    "comparison": """1 < 2 | 1 < 2 < 3 | 1 < 3 < 2 | 1 == 1.0 | 1 == true | 'a' < 'b' | 'a' == 'a' | [1, 2] == [1, 2] | [1, 2] < [1, 3] | (1,) == [1] | {'a': 1} == {'a': 1.0} | none == none
        1 != 2 | none < 1 | 'a' < 1 | [1] < 'a' | {} < {} | missing == missing | missing == none | missing != 1 | missing < 1 | 1 <= missing | 1 in list | 9 in list | 9 not in list | 'ell' in text | 1 in text
        'a' in dict | 'z' not in dict | 1 in 5 | 1 in none | 1 in missing | missing in list | '' in text | 2 in (1, 2) | 'name' in user | not 1 == 2 | 1 == 1 and 2 == 2 | 0 or 'x' | '' and 1 | 1 and 2 | none or missing or 3
        'x' if yes else 'y' | 'x' if no else 'y' | 'x' if no | ('x' if no) is defined | 'a' if no else 'b' if no else 'c' | 1 if missing else 2 | [] == () | 'B' > 'a' | '🙂' > '\\uffff' | true < 2 | [1] in nested | [1, 2] in nested | big > 1e10""",
    "concat": "1 ~ 2 | 'a' ~ none ~ true ~ 1.0 ~ [1, 'x'] ~ {'a': 'b'} | text ~ '!' ~ number + 1 | missing ~ '' | ('<' | e) ~ '<' | 'a' ~ 'b' * 2",
    "access": """user.name | user['name'] | user.address.city | user['address']['city'] | user.missing | user.missing.deeper | user['missing'] | missing.x | missing['x'] | user.items | user['items'] | user.tags.0 | user.tags[0] | user.tags[-1]
        user.tags[5] | user.tags[5] is defined | user.tags['a'] | text[0] | text[-1] | text[99] | text['upper']() | list[0] | list['0'] | list.0 | dict.b | dict['zz'] | nothing.x | nothing['x'] | number.x | number.real | number.imag | (1.5).real
        text[1:4] | text[:5] | text[-5:] | text[::-1] | text[::2] | text[10:2] | text[5:1:-1] | list[1:] | list[:-1] | list[::-1] | list[::0] | unicode[0:3] | unicode[-1] | unicode[11:18] | (1, 2, 3)[1:] | nothing[1:] | missing[1:] | number[1:] | dict[1:] | list['a':] | list[1.0] | list[true]
        dict.keys() | dict.values() | dict.items() | dict.items() | list | user.get('name') | user.get('x') | user.get('x', 'd') | user.get() | dict.get([1]) | dict[[1]] | range(3)[1] | range(3)[7] | user.address['city'][0] | text.upper | nested[0][1] | nested[0,1]""",
    "sandbox": """text.__class__ | text.__class__.__mro__ | ''['__class__'] | ().__class__.__bases__[0] | list.append(1) | list.sort() | dict.update({}) | dict.pop('a') | dict.clear() | list.append is defined | user._private | text._private
        range.__globals__ | text.format.__self__ | '{0.__class__}'.format(1) | '{a.__class__.__name__}'.format(a=text) | range(1000000) | range(100001) | range(100000) | length | dict.fromkeys(['a', 'b'], 1) | dict.__init__ | list.reverse() | list.pop() | nothing.__class__""",
    "calls": """range(5) | list | range(1, 10, 3) | list | range(5, 0, -2) | list | range() | range('a') | range(1, 2, 0) | range(1.5) | text() | missing() | user.missing() | none() | number(1) | dict(a=1, b=2) | dict([['a', 1], ('b', 2)]) | dict({'x': 1}, y=2)
        '\u4e09'.isnumeric() | '\u4e09'.isdigit() | '\u2474\u24ea'.isdigit() | '\u2474'.isnumeric() | '\u00bd'.isdigit() | '\u0665'.isdecimal() | '\u1369'.isdigit() | '\U00020001\uf96b'.isnumeric() | '\u0138'.istitle() | '\u01c5a'.istitle() | '\u01c5A'.istitle() | '\u03a3'.casefold() | '\u03b1\u03a3'.capitalize()
        text.replace(*['l', 'L']) | text.replace('l', 'L', **{}) | '%s'.format | namespace(a=1) | namespace(a=1).a | namespace({'b': 2}).b | namespace(a=1).b | namespace(_a=1) | namespace(a=1)['a'] | raise_exception('No!') | raise_exception(1) | raise_exception() | strftime_now('%Y-%m-%d') | strftime_now('%d %b %Y, %A %B %-d %H:%M:%S %j %p %I %y %% %e %U %W %V %u %w %c %x %X %D %F %T %f %q')
        cycler('a', 'b').next() | joiner('|')() | cycler() | text.nope() | text.upper(1) | strftime_now(1) | range(*missing) | dict(**none) | range(*5)""",
}
METHODS = {
    "text": """upper() lower() title() capitalize() swapcase() strip() split() split(',') split(', ') split('l',1) rsplit('l',1) rsplit('o') split('') splitlines() partition(', ') rpartition('o') partition('z') startswith('He') startswith(('a','He')) startswith(1) endswith('ld') endswith('')
        replace('l','L') replace('l','L',1) replace('','-') replace('l',1) find('o') rfind('o') find('z') index('o') index('z') rindex('o') count('l') count('') find('o',5) find('o',-3) count('o',0,5) join(['a','b']) join('ab') join([1]) join(1) isdigit() isalpha() isalnum() isspace() isupper() islower() istitle() isnumeric() isdecimal() isidentifier() isascii() isprintable()
        zfill(15) center(20) center(21,'*') ljust(15,'.') rjust(15) expandtabs() removeprefix('Hel') removesuffix('ld') removeprefix('x') casefold() encode lstrip('He') rstrip('dl') strip('Hd') strip(1) splitlines(true) format() format_map({}) center('x') split(maxsplit=1) split(none,1)""",
    "unicode": "upper() lower() title() capitalize() swapcase() casefold() split() strip() splitlines() isalpha() center(40,'*') find('🙂') index('你') count('') rfind('x') zfill(30) partition('🙂') islower() istitle() isprintable() replace('','.') expandtabs(4)",
    "greek": "upper() lower() title() capitalize() swapcase() casefold() istitle()",
    "letters": "upper() lower() title() capitalize() swapcase() casefold() istitle()",
    "spaced": "split(none,0) split(none,1) split(none,2) split(none,3) rsplit(none,0) rsplit(none,1) rsplit(none,2) rsplit(none,3) rsplit()",
    "lines": "splitlines() splitlines(true) split() split('\\n') strip() title() expandtabs() isprintable()",
    "empty": "upper() split() split(',') splitlines() strip() title() capitalize() isdigit() isalpha() islower() isascii() isprintable() center(3,'x') partition('a') join(['x']) count('') find('') zfill(3) isidentifier() isspace()",
    "list": "index(1) index(9) count(3) copy() index(1,2) count()",
    "dict": "get('a') get('a',1) keys() values() items() copy()",
    "number": "bit_length() real numerator denominator conjugate()",
    "real": "is_integer() real imag",
}
FILTERS = {
    "text": """upper lower title capitalize length count first last list reverse string trim trim('Hd') center(20) replace('l','L') replace('l','L',2) replace('l',1) replace('l') wordcount truncate(8) truncate(5,true) truncate(9,leeway=0) truncate(5,end='') truncate(2) default('x') d('x') int int(7) float float(1.5)
        escape e safe forceescape striptags urlencode indent indent(2,true) tojson sort join('-') unique|list batch(3)|list slice(3)|list map('upper')|list select|list max min sum abs round format wordwrap(5) upper(1) nope trim(1) items|list dictsort attr('upper') attr('nope') sum(start='') groupby('x') filesizeformat xmlattr length() default trim|upper|lower""",
    "empty": "length first last default('x') default('x',true) trim title capitalize int float list join wordcount indent truncate max min sum striptags urlencode tojson center(3) upper",
    "missing": "length first last default('x') default('x',true) default upper trim title capitalize list join int float tojson string sort unique|list max min sum abs round reverse|list map('upper')|list select|list selectattr('x')|list items|list dictsort escape indent truncate wordcount replace('a','b') batch(2)|list groupby('x') format urlencode length|string dictsort attr('x') count",
    "nothing": "length first last default('x') default('x',true) upper string list join int float tojson sort map('upper')|list select|list items|list e trim replace('o','0') abs round reverse sum max title",
    "number": "abs round round(1) string upper length list int float tojson format filesizeformat e join default(1) center(6) trim wordcount urlencode int(base=2) replace(4,5) first sort round(-1) round(method='ceil')",
    "real": "abs round round(2) round(2,'ceil') round(2,'floor') round(0,'floor') round(method='ceil') round(1,'x') int float string tojson round(3)|string round(-1)",
    "negative": "abs round(-1) int float string",
    "list": "sort sort(true) sort(reverse=true) first last length join(',') join max min sum reverse|list unique|list batch(2)|list batch(2,0)|list slice(2)|list slice(2,'x')|list slice(0)|list batch(0)|list map('string')|list map('string')|join('+') select('odd')|list reject('odd')|list select('gt',1)|list select('in',[1,2])|list select('nope')|list map('nope')|list map(nope)|list map()|list tojson string list sum(start=10) int float map('round',1)|list map('format')|list e trim reverse map('default','x')|join select('odd') map(attribute='x')|list map(attribute='x',default=0)|list map(attribute='x',nope=1)|list selectattr()|list count length|string|length groupby('x')",
    "words": "sort sort(case_sensitive=true) sort(reverse=true) unique|list unique(true)|list max min max(true) min(case_sensitive=true) join(', ') map('upper')|list map('length')|sum map('first')|join map('replace','a','4')|list map('truncate',3,true,'')|list select('lower')|list groupby(0) groupby('0',case_sensitive=true) sort(attribute=0) sort(attribute='1,0') map(attribute=1)|list reject('in',['banana'])|list tojson first|upper map('trim','a')|list sum",
    "nested": "sum(start=[]) map('sum')|list map('first')|list map(attribute=0)|list map('join','-')|join(';') sort(attribute=0,reverse=true) length first max sum(attribute=0) map('length')|list unique|list",
    "dict": "dictsort dictsort(true) dictsort(by='value') dictsort(by='x') dictsort(reverse=true) items|list list length first last join tojson sort max min string xmlattr urlencode map('upper')|list map('lower')|join reverse|list select|list e unique|list dictsort(false,'value')|first items attr('items') default({}) count",
    "user": "tojson tojson(indent=2) tojson(2) tojson(ensure_ascii=true) tojson(true) tojson(sort_keys=true) tojson(separators=(',',':')) tojson(indent='--') tojson(indent=0) tojson(separators=[1]) tojson(nope=1) tojson(1,2,3,4,5) xmlattr attr('name') length string",
    "users": "map(attribute='name')|join(', ') map(attribute='age')|list map(attribute='age',default=0)|list map(attribute='age',default=0)|sum sum(attribute='age') selectattr('active')|map(attribute='name')|list rejectattr('active')|map(attribute='name')|list selectattr('age','defined')|list|length selectattr('age','eq',31)|map(attribute='name')|list selectattr('name','nope')|list groupby('city') groupby('city')|map(attribute='grouper')|list groupby('city',case_sensitive=true)|map('first')|list groupby('age',default=0)|map('last')|map('length')|list groupby('age') sort(attribute='name')|map(attribute='name')|list sort(attribute='city,name')|map(attribute='name')|list sort(attribute='age') unique(attribute='city')|map(attribute='name')|list max(attribute='name') tojson first|items|list selectattr('city','in',['Oslo'])|map(attribute='name')|join map('attr','name')|list map(attribute='name')|map('lower')|select('ne','bob')|list",
    "json": "tojson tojson(indent=4) tojson(ensure_ascii=true) tojson(indent=1,separators=(',',': ')) string",
    "unicode": "upper lower title capitalize length first last reverse list wordcount truncate(12,leeway=0) truncate(12,true,leeway=0) center(30) tojson tojson(ensure_ascii=true) urlencode trim replace('你','您') string e",
    "lines": "indent indent(2) indent(2,true) indent(2,true,true) indent('> ') indent(width=1,blank=true) wordcount trim wordwrap(4) length tojson",
    "messages": "tojson tojson(indent=2) map(attribute='role')|join last|tojson selectattr('role','equalto','user')|list|length string",
    "(1, 'a', none)": "list tojson string first length join",
    "'1,234'": "int float int(default='x')",
    "' 42 '": "int float trim|int",
    "'0x1A'": "int int(base=16) int(0,16) int(base=0)",
    "'12abc'": "int float",
    "'1e3'": "int float",
    "'3.9'": "int float round",
    "2.5": "round int round(0,'ceil') round|int",
    "3.5": "round",
    "-2.5": "round round(method='floor')",
    "('inf'|float)": "round string tojson",
    "('nan'|float)": "round string tojson",
    "1024": "filesizeformat filesizeformat(true)",
    "123456789": "filesizeformat filesizeformat(true)",
    "1": "filesizeformat",
    "999": "filesizeformat",
    "'%s-%s'": "format('a',1) format('a') format('a','b','c')",
    "'%(a)s'": "format(a=1) format(b=1) format(1)",
    "'<a href=\"x\">T & é</a> <!-- c -->  d'": "striptags escape e|upper safe|upper e|e escape|safe forceescape|forceescape urlencode title",
    "{'id': 'a', 'x y': 1}": "xmlattr",
    "{'id': 'a<', 'class': none, 'n': 1}": "xmlattr xmlattr(false)",
    "[none, '', 0, 'a', missing]": "select|list reject|list map('default','d')|list map('default','d',true)|list list|length",
    "['a', 1, none]": "sort max join(0) unique|list tojson",
    "[[1, 2], [1]]": "sort max",
    "[{}, {}]": "sort unique|list",
    "'the quick-brown fox jumps over antidisestablishmentarianism'": "wordwrap(10) wordwrap(10,false) wordwrap(12,true,'|') truncate(20) title capitalize wordwrap(15,true,'/',false)",
    "range(4)": "list first last length reverse|list sum string tojson join",
    "dict.items()": "list first last length sort tojson",
}
FORMATS = {
    "%": """'%s' % 1 | '%s %s' % (1, 'a') | '%d' % 3.7 | '%05d' % 42 | '%-5d|' % 42 | '%+d' % 42 | '% d' % 42 | '%x' % 255 | '%X' % 255 | '%#x' % 255 | '%o' % 8 | '%.2f' % 3.14159 | '%8.3f|' % 3.14159 | '%-8.2f|' % 2 | '%e' % 12345.678 | '%.3e' % 0 | '%g' % 0.0001 | '%g' % 1000000 | '%g' % 1e-5 | '%G' % 1e-10 | '%r' % 'a' | '%5s|' % 'ab' | '%-5s|' % 'ab' | '%.1s' % 'ab' | '%%' % () | '%c' % 'x' | '%c' % 65
        '%(a)s %(b)d' % {'a': 'x', 'b': 2} | '%s' % [1] | '%s' % {'a': 1} | '%s' % none | '%s' % missing | '%d' % 'a' | '%s %s' % 1 | '%s' % (1, 2) | 'x' % 1 | 'x' % [] | '%(a)s' % 1 | '%(z)s' % {} | '%z' % 1 | '%' % 1 | '%f' % 'a' | '%x' % 1.5 | '%*d' % (5, 42) | '%.*f' % (1, 2.55) | '%d' % none | '%s' % true | '%d' % true | '%5.1f%%' % 99.55 | '%+.1f' % -0.05 | '%i' % -3 | '%06.2f' % -1.5 | '%s' % 1.0 | '%.0f' % 0.5 | '%.0f' % 1.5 | '%d' % big""",
    "format": """'{}'.format(1) | '{} {}'.format(1, 'a') | '{1} {0}'.format(1, 'a') | '{a}'.format(a=1) | '{a[x]}'.format(a={'x': 5}) | '{a[0]}'.format(a=[7]) | '{0.name}'.format(user) | '{:>5}|'.format('a') | '{:<5}|'.format('a') | '{:^5}|'.format('a') | '{:*^7}'.format('ab') | '{:05d}'.format(42) | '{:,}'.format(1234567) | '{:_}'.format(1234567) | '{:,.2f}'.format(1234567.891) | '{:.3}'.format('abcdef') | '{:.3}'.format(3.14159) | '{:x}'.format(255) | '{:#x}'.format(255) | '{:b}'.format(5) | '{:o}'.format(8) | '{:e}'.format(12345.678) | '{:g}'.format(0.00001) | '{:%}'.format(0.256) | '{:.1%}'.format(0.256) | '{:+d}'.format(5) | '{: d}'.format(5) | '{:+}'.format(-5)
        '{!r}'.format('a') | '{!s:>5}'.format(1) | '{{}}'.format() | '{{{}}}'.format(1) | '{}'.format() | '{a}'.format() | '{'.format() | '}'.format() | '{:d}'.format('a') | '{:s}'.format(1) | '{0} {}'.format(1, 2) | '{} {0}'.format(1, 2) | '{:{}}|'.format('a', 5) | '{}'.format(none) | '{:>5}'.format(none) | '{}'.format([1, 'a']) | '{}'.format(1.0) | '{:.2f}'.format(2) | '{:5}|'.format(3) | '{:5}|'.format('a') | '{:=+6d}'.format(3) | '{:<05d}'.format(3) | '{a}{b}'.format_map({'a': 1, 'b': 2}) | '{:,}'.format(-1234.5) | '{:c}'.format(65) | '{:X}'.format(255) | '{:.0f}'.format(2.5) | '{:10.3e}|'.format(3.14159) | '{!x}'.format(1) | '{:}'.format(true) | '{:d}'.format(true) | '{a.b}'.format(a=1) | '{:.2}'.format(1) | '{:n}'.format(5) | '{:G}'.format(1e-10) | '{:.10g}'.format(0.1) | '{}'.format(1e22)""",
}
TESTS = """number is number | text is number | real is number | yes is number | number is integer | yes is integer | real is integer | real is float | 1 is float | text is string | none is string | list is sequence | dict is sequence | text is sequence | 5 is sequence | missing is sequence | list is iterable | 5 is iterable | text is iterable | dict is mapping | list is mapping
    missing is defined | text is defined | missing is undefined | user.zzz is defined | user.zzz.y is defined | nothing is none | nothing is not none | missing is none | yes is true | yes is boolean | no is false | 1 is true | 1 is boolean | 3 is odd | 4 is odd | 4 is even | 'a' is odd | 9 is divisibleby 3 | 9 is divisibleby(4) | 1 is eq 1 | 1 is equalto(2) | 1 is == 1 | 2 is gt 1 | 2 is ge(2) | 1 is lt 2 | 1 is le 0 | 1 is ne 1 | 'a' is lower | 'A' is upper | 'aB' is lower | '1' is lower | 1 is in [1] | 'a' is in 'abc' | 1 is not in [1] | range is callable | text is callable | missing is callable | text.upper is callable | 'upper' is filter | 'nope' is filter | 'odd' is test
    1 is sameas 1 | list is sameas list | [] is sameas [] | none is sameas none | true is sameas true | 1 is sameas true | ('a' | e) is escaped | 'a' is escaped | 1 is nope | 1 is nope or 2 | text is defined and text | not text is defined | text is not defined | 1 is odd is true | 5 is greaterthan 3 | 5 is lessthan 3 | 3 is odd and 4 is even | missing is string | none is number | dict is iterable | 1 is divisibleby 0 | 4 is divisibleby none | user.name is string and user.age is integer | 1 is eq | 'x' is in missing | (1, 2) is sequence | range(3) is sequence | dict.items() is sequence | dict.items() is iterable | range(2) is iterable | missing is iterable | nothing is iterable | [] is defined"""
TEMPLATES = [
    # Whitespace.
    "a\n{% if true %}\nb\n{% endif %}\nc\n", "a\n  {% if true %}\n  b\n  {% endif %}\nc", "a {%- if true -%} b {%- endif -%} c", "a\n  {{ 1 }}\nb", "a\n{{- 1 -}}\nb", "  {%+ if true %}x{% endif %}", "{% if true +%}\nx\n{% endif %}", "x\n", "x\n\n", "\n", "", "\n{{ 1 }}\n",
    "a {# comment #} b", "a\n  {# comment #}\nb", "a {#- c -#} b", "a\n{#+ c +#}\nb", "{# a\nb #}c", "x {#- {{ 1 }} #}\n y", "{#-#}x", "{# unclosed", "{{ 1", "{% if %}", "{{ }}", "{%%}", "{{ '}}' }}", "{{ '{{' }}", "{{ {'a': {'b': 1}} }}", "{{ {'a': 1}}}", "{% raw %}{{ x }}{% endraw %}", "{% raw %}\n{{ x }}\n{% endraw %}\ny", "a {%- raw -%} {{ x }} {%- endraw -%} b",
    "  {% raw %} x {% endraw %}  ", "{% raw %}", "a\r\nb\rc{{ '\r\n' }}", "\t{% set x = 1 %}\n\t{{ x }}", "{% set x = 1 %}  \n y", "a {% set x = 1 %} b", "{{ 1 -}}   \n  x", "x   \n  {{- 1 }}", "{%- set x = 1 -%}\n\n x", " \n {%- if true %} y {%- endif %} \n z", "a\n\n\n{%- if true %}b{% endif -%}\n\n\nc", "{{ '  x  ' -}} y", "{{-1}}", "{{+1}}", "{{- -1 }}", "{% if true -%}\n\n  x{% endif %}", "\x0b {% if true %}x{% endif %}", "x{% if true %}\r\ny{% endif %}", "  {%- if true %}x{% endif %}", "\u00a0{% if true %}x{% endif %}", "{{ 1 }}\n\n{{ 2 }}", "{% if true %}{% if true %}\n{% endif %}\n{% endif %}\n", "{% if true %}\n  {% for x in [1,2] %}\n    {{ x }}\n  {% endfor %}\n{% endif %}\n", "{% print 1, 2 %}", "{{ 'a' if false }}|",
    # Loops.
    "{% for x in list %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", "{% for x in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}", "{% for x in list %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }};{% endfor %}", "{% for x in list %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }};{% endfor %}", "{% for x in list %}{{ loop.previtem.y }}{% endfor %}", "{% for x in [1,1,2] %}{{ loop.changed(x) }}{% endfor %}", "{% for x in list %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for x in list %}{{ loop.cycle() }}{% endfor %}", "{% for k, v in dict.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in dict %}{{ k }}{% endfor %}", "{% for (a, b) in [[1, 2], (3, 4)] %}{{ a }}{{ b }};{% endfor %}", "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in [[1]] %}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for a, b in [1] %}{% endfor %}", "{% for a, b in ['xy'] %}{{ a }}-{{ b }}{% endfor %}",
    "{% for x in [] %}a{% else %}empty{% endfor %}", "{% for x in missing %}a{% else %}empty{% endfor %}", "{% for x in none %}a{% endfor %}", "{% for x in 5 %}a{% endfor %}", "{% for x in 'añ🙂' %}[{{ x }}]{% endfor %}", "{% for x in list if x > 1 %}{{ x }}/{{ loop.index }}/{{ loop.length }};{% endfor %}", "{% for x in list if x > 9 %}a{% else %}none{% endfor %}", "{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}", "{% for x in [1] %}{% continue %}{% else %}else{% endfor %}", "{% for x in [1, 2] %}{% if x == 1 %}{% continue %}{% endif %}{% else %}else{% endfor %}", "{% for x in [1, 2] %}{% break %}{% else %}else{% endfor %}", "{% break %}", "{% continue %}", "{% for x in [1] %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    "{% for n in tree recursive %}{{ n.n }}@{{ loop.depth }}({{ loop(n.kids) }}){% endfor %}", "{% for n in tree %}{{ loop(n.kids) }}{% endfor %}", "{% for n in tree recursive %}{{ n.n }}{% if n.kids %}[{{ loop(n.kids) }}]{% endif %}{% else %}none{% endfor %}", "{% for n in [[1, [2]], 3] recursive %}{% if n is iterable %}({{ loop(n) }}){% else %}{{ n }}{% endif %}{% endfor %}", "{% for x in list %}{% for y in list %}{{ loop.index }}{% endfor %}{{ loop.index }};{% endfor %}", "{% for x in list %}{% set outer = loop %}{% for y in [1] %}{{ outer.index }}{% endfor %}{% endfor %}", "{% for x in list %}{{ loop }}{% endfor %}", "{% for x in list|map('string') %}{{ loop.length }}{{ loop.last }}{{ x }};{% endfor %}", "{% for x in list|map('string') %}{{ loop.index }}/{{ loop.length }}{{ loop.revindex }} {% endfor %}", "{% for loop in list %}{% endfor %}", "{% for x in list %}{% set loop = 1 %}{% endfor %}", "{% for x in x %}{{ x }}{% endfor %}", "{% set m = list|map('string') %}{% for x in m %}{{ x }}{% endfor %}|{% for x in m %}{{ x }}{% endfor %}", "{{ loop }}{{ loop.index }}", "{% for x in list %}{% endfor %}{{ x }}", "{% for x in list recursive %}{{ x }}{% endfor %}", "{% for i in range(3) %}{{ i }}{% endfor %}{{ i is defined }}", "{% for x in list %}{{ loop.nope }}{% endfor %}", "{% for x in [1,2,3] if loop.index %}{{ x }}{% endfor %}", "{% for u in users if u.active %}{{ loop.index }}{{ u.name }}{% endfor %}", "{% for x in 1, 2 %}{{ x }}{% endfor %}", "{% for x in list[1:] %}{{ x }}{% endfor %}", "{% for x in list if x is odd recursive %}{{ x }}{% endfor %}", "{% for a in [1,2] %}{% for b in [1,2] %}{% if b == 2 %}{% break %}{% endif %}{{ a }}{{ b }} {% endfor %}{% endfor %}",
    # Scopes.
    "{% set x = 1 %}{% for i in list %}{% set x = i %}{{ x }}{% endfor %}{{ x }}", "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "{% set ns = namespace(x=1) %}{% for i in list %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "{% set ns = namespace() %}{{ ns.x }}{{ ns.x.y }}", "{% set ns = namespace() %}{% set ns.x = 1 %}{{ ns }}", "{% set d = {} %}{% set d.x = 1 %}", "{% set missing.x = 1 %}", "{% set ns = namespace() %}{% set ns._x = 1 %}", "{% for i in list %}{% if loop.first %}{% set y = 1 %}{% endif %}{{ y }}{% endfor %}", "{% for i in list %}{{ y }}{% set y = i %}{% endfor %}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a, b = [1, 2, 3] %}", "{% set (a, b) = 'xy' %}{{ b }}{{ a }}", "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a + ns.b }}", "{% set x %}a{{ 1 }}b{% endset %}[{{ x }}]", "{% set x | upper %}abc{% endset %}{{ x }}", "{% set x | upper | replace('B', '-') %}abc{% endset %}{{ x }}", "{% set x %}{% set y = 1 %}{% endset %}{{ y }}", "{% set ns = namespace() %}{% set ns.x %}abc{% endset %}{{ ns.x }}", "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "{% set a = 5 %}{% with a = 1, b = a %}{{ b }}{% endwith %}", "{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}", "{% if true %}{% set q = 1 %}{% endif %}{{ q }}", "{% if false %}{% set text = 1 %}{% endif %}{{ text }}", "{% set text = text ~ '!' %}{{ text }}", "{% set x = 1, 2 %}{{ x }}", "{% set x = [] %}{{ x.append(1) }}", "{% set 1 = 2 %}", "{% set 'a' = 2 %}", "{% set [a] = 2 %}", "{% set none = 2 %}", "{% set x.y.z = 1 %}", "{% set x = %}", "{% filter upper %}a{{ text }}{% set u = 1 %}{% endfilter %}{{ u }}", "{% filter replace('a', 'b') | upper %}banana{% endfilter %}", "{% filter nope %}x{% endfilter %}",
    "{% set number = number + 1 %}{{ number }}", "{{ number }}{% set number = 1 %}{{ number }}", "{% macro m() %}{{ late }}{% endmacro %}{% set late = 1 %}{{ m() }}", "{% macro m() %}{{ text }}{% endmacro %}{% set text = 'changed' %}{{ m() }}", "{% for i in [1] %}{{ text }}{% endfor %}{% set text = 'changed' %}{{ text }}", "{% for i in [1] %}{% for j in [1] %}{{ text }}{% endfor %}{% set text = 'changed' %}{% endfor %}", "{% if no %}{{ x }}{% else %}{% set x = 1 %}{% endif %}{% for i in [1] %}{{ x }}{% endfor %}",
    # Macros.
    "{% macro m(a, b=2, c='x') %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(1, c=4) }}|{{ m() }}|{{ m(b=1, a=2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "{% macro m(a) %}{{ a.b }}{% endmacro %}{{ m() }}", "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}", "{% macro m(a, b=a ~ '!') %}{{ b }}{% endmacro %}{{ m('x') }}", "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}body{% endcall %}", "{% macro m(x) %}[{{ caller(x, 2) }}]{% endmacro %}{% call(a, b) m(1) %}{{ a }}{{ b }}{% endcall %}", "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}", "{% macro m() %}x{% endmacro %}{% call m() %}body{% endcall %}", "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}", "{% macro m(caller=none) %}{{ caller() if caller }}{% endmacro %}{{ m() }}{% call m() %}b{% endcall %}", "{% macro m(caller) %}{{ caller }}{% endmacro %}", "{% macro fact(n) %}{{ n if n < 2 else n * (fact(n - 1)|int) }}{% endmacro %}{{ fact(5) }}", "{% macro m() %}{% set x = 1 %}{% endmacro %}{{ m() }}{{ x }}", "{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}", "{% macro m() %}a{% endmacro %}{{ m }}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}", "{% macro m(a, b=1, c) %}{% endmacro %}", "{% macro m() %} x {% endmacro %}{{ m()|trim }}", "{% macro m() -%}\n  x\n{%- endmacro %}[{{ m() }}]", "{{ m() }}{% macro m() %}x{% endmacro %}", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}", "{% macro m(x) %}{% if x %}{{ m(x[1:]) }}{{ x[0] }}{% endif %}{% endmacro %}{{ m('abc') }}", "{% for i in [1] %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}{{ m is defined }}", "{% macro m(a='d') %}{{ a }}{% endmacro %}{{ m(none) }}{{ m(missing) }}{{ m('') }}", "{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}", "{% call text() %}{% endcall %}", "{% call text %}{% endcall %}", "{% macro m(varargs) %}{{ varargs }}{% endmacro %}{{ m(1) }}", "{% macro m(kwargs={}) %}{{ kwargs }}{% endmacro %}{{ m() }}", "{% macro m(**k) %}{% endmacro %}", "{% macro m(x) %}{{ x }}{% endmacro %}{{ list|map('string')|map('upper')|join }}{{ m(x=1) }}{{ m(**{'x': 2}) }}{{ m(*[3]) }}", "{% macro m() %}{{ caller(1) }}{% endmacro %}{% call m() %}b{% endcall %}",
    # Generation, blocks, loading.
    "a{% generation %}b{{ 1 }}c{% endgeneration %}d", "{% for m in messages %}{{ m.role }}:{% generation %}{{ m.content }}{% endgeneration %}\n{% endfor %}", "{% generation %}{% set x = 1 %}{{ x }}{% endgeneration %}{{ x }}", "{%- generation -%} x {%- endgeneration -%} ", "{% generation %}", "{% macro m() %}{% generation %}g{% endgeneration %}{% endmacro %}ab{{ m() }}c", "{% block a %}x{{ text }}{% endblock %}y", "{% block a %}1{% endblock a %}{% block a %}{% endblock %}", "{% include 'x' %}", "{% if false %}{% include 'x' %}{% endif %}ok", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% extends 'x' %}", "{% do x %}", "{% trans %}{% endtrans %}", "{% endif %}", "{% if true %}{% endfor %}", "{% for x in y %}{% endif %}", "{% if true %}", "{% macro x() %}", "{% nope %}", "{% set x %}", "{% autoescape false %}{{ '<' }}{% endautoescape %}", "{% debug %}", "{% if true %}{% else %}{% elif true %}{% endif %}",
    # Conditions.
    "{% if no %}a{% elif yes %}b{% else %}c{% endif %}", "{% if no %}a{% elif no %}b{% else %}c{% endif %}", "{% if missing %}a{% else %}b{% endif %}", "{% if missing.x %}a{% endif %}", "{% if [] %}a{% elif {} %}b{% elif '' %}c{% elif 0 %}d{% elif 0.0 %}e{% else %}f{% endif %}", "{% if no %}{{ 1 | nope }}{% endif %}ok", "{% if yes %}{{ 1 | nope }}{% endif %}", "{% if yes %}{{ 1 is nope }}{% endif %}", "{{ 1 | nope if false else 2 }}", "{{ 2 if true else 1 is nope }}", "{% if not missing %}a{% endif %}", "{% if text is defined and text and 'H' in text %}a{% endif %}", "{% if 1, 2 %}a{% endif %}", "{% if yes: %}a{% endif %}", "{% for x in [1] %}{{ x | nope }}{% endfor %}", "{% if no %}{% for x in [1] %}{{ x | nope }}{% endfor %}{% endif %}",
    # Syntax errors and odd syntax.
    "{{ 1 + }}", "{{ (1 }}", "{{ [1 }}", "{{ 1) }}", "{{ a b }}", "{{ 'abc }}", "{{ a. }}", "{{ a[] }}", "{{ a | }}", "{{ a is }}", "{{ 1 ? 2 : 3 }}", "{{ a and }}", "{{ not }}", "{{ {1} }}", "{{ f(a=1, 2) }}", "{{ f(*a, *b) }}", "{{ f(a=1, a=2) }}", "{{ a if }}", "{{ ! }}", "{{ @ }}", "{{ a..b }}", "{{ a.'b' }}", "{{ 1 if true else }}", "{% for in x %}{% endfor %}", "{% for x list %}{% endfor %}", "{% if x %}{% endif", "{{ x }", "{ { x } }", "{% %}", "{{ 'a' 'b' }}", "{{ a not in b }}", "{{ text|upper|lower }}", "{{ (text)|upper }}", "{{ -1|abs }}", "{{ (-1)|abs }}", "{{ 1 + 2|string }}", "{{ '%s' % 1 ~ 2 }}", "{{ not true or true }}", "{{ 1 - -1 }}", "{{ -number|abs }}", "{{ text.split(',')[0]|upper }}", "{{ [1,2,3]|first + 1 }}", "{{ 'a,b'.split(',') | map('upper') | join('-') }}", "{{ {'a': [1, {'b': 2}]}.a[1].b }}", "{{ ('a', 'b')[0] }}", "{{ 1 == 1 }}{{ 1 != 1 }}", "{{ text }}{{ text }}", "{{ 5 .real }}", "{{ 1.__class__ }}", "{{ true.x }}", "{{ [1,2][0] }}", "{{ 'x'|default }}", "{{ user.name.upper().lower()[0:2] }}", "{{ λ }}", "{% set λ = 1 %}{{ λ }}", "{{ a.b.c.d }}", "{{ 10 // 3 ** 2 }}", "{{ 2 ** 2 | string }}", "{{ [x for x in list] }}", "{{ lambda: 1 }}", "{{ x := 1 }}", "{{ text; 1 }}", "{{ 'a' is in 'abc' }}", "{{ 1 in [1] == true }}", "{{ 1 < 2 == true }}", "{{ [1, 2]|length > 1 }}", "{{ text|length|string|length }}", "{{ '\\N{BULLET}' }}", "{{ '\\ud83d' is string }}", "{{ '\\x4' }}", "{{ 'line\nbreak' }}", "{{ 'é\\u00e9' }}",
    # Objects.
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{% set _ = c.reset() %}{{ c.next() }}", "{% set j = joiner() %}{{ j() }}a{{ j() }}b{{ j() }}", "{% for k, v in dict|dictsort %}{{ k }}{{ v }}{% endfor %}", "{% for g in users|groupby('city') %}{{ g.grouper }}:{{ g.list|length }};{% endfor %}", "{% for name, items in users|groupby('city') %}{{ name }}{{ items|map(attribute='name')|join }};{% endfor %}", "{% set x = dict(a=1) %}{{ x.a }}{{ x }}", "{% set ns = namespace(a=[]) %}{% for i in list %}{% set ns.a = ns.a + [i * 2] %}{% endfor %}{{ ns.a }}", "{% set x = {'a': 1} %}{% set x = dict(x, b=2) %}{{ x }}", "{{ namespace(x=1) }}", "{{ users[0]|items|list }}", "{{ dict.items()|list|first }}", "{{ messages[-1]['content'] | tojson }}", "{% for m in messages[::-1] %}{{ m.role[0] }}{% endfor %}", "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | map('trim') | first }}", "{% set last = messages|last %}{{ last.content[:5] }}", "{{ messages[1].content.strip() + '!' }}", "{{ user.tags | join(', ') if user.tags else 'none' }}", "{% set s = 'a<b' | e %}{{ s + '<' }}{{ '<' + s }}{{ s ~ '<' }}{{ s|length }}{{ [s] }}", "{{ 'a' | safe }}{{ ['a' | safe] }}", "{% set text %}<{% endset %}{{ text | e }}", "{{ range(3) }}{{ range(0, 6, 2) }}", "{{ [1.0, true, none, 'x', (1,), {}] }}", "{{ [missing] }}{{ {'a': missing} }}", "{{ missing|tojson }}", "{{ [missing]|tojson }}", "{{ range(3)|tojson }}", "{{ {(1, 2): 3}|tojson }}", "{{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}", "{{ namespace()|tojson }}", "{{ dict.keys()|tojson }}", "{{ ('x'|e)|tojson }}", "{{ text.upper|tojson }}", "{{ [[1, [2, {}]], []]|tojson(indent=2) }}", "{{ 1e22|tojson }}{{ 1e-7|tojson }}{{ 100000000000000000.0|tojson }}", "{{ '\\u2028\\u007f\\ud7ff'|tojson }}", "{{ {'b': 1, 'a': {'d': 1, 'c': 2}}|tojson(sort_keys=true, indent=1) }}", "{{ {'b': 1, 2: 3}|tojson(sort_keys=true) }}", "{{ big|tojson }}", "{{ raise_exception('Role ' ~ messages[0].role ~ ' refused') }}", "{{ raise_exception(missing) }}", "x{{ strftime_now('%d %B %Y') }}y",
]


class Now(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 2, 5, 15, 4, 9, 123456)


def cases():
    for group, expressions in EXPRESSIONS.items():
        yield from expression_cases(group, expressions)
    yield from expression_cases("tests", TESTS)
    for group, expressions in FORMATS.items():
        yield from expression_cases(f"format {group}", expressions)
    for subject, methods in METHODS.items():
        for method in methods.split():
            yield "{{ " + f"{subject}.{method}" + " }}"
    for subject, filters in FILTERS.items():
        for chain in filters.split():
            yield "{{ " + f"{subject}|{chain}" + " }}"
    yield from TEMPLATES


def expression_cases(group, expressions):
    for line in expressions.split("\n"):
        for expression in line.strip().split(" | "):
            yield "{{ " + expression + " }}"


def run(template):
    spans = []
    try:
        compiled = chat_template_utils._compile_jinja_template(template)
        blocks = []
        with compiled.environment.activate_tracker(blocks, spans):
            for block in compiled.generate(**json.loads(json.dumps(VARIABLES))):
                blocks.append(block)
        text = "".join(blocks)
    except Exception as e:
        message = str(getattr(e, "message", None) or e)
        return {"error": type(e).__name__, "message": re.sub(r" \(<template>, line \d+\)$", "", message)}
    return {"text": text, "spans": spans} if spans else {"text": text}


def main():
    chat_template_utils.datetime = Now
    made = []
    seen = set()
    for template in cases():
        if template not in seen:
            seen.add(template)
            result = run(template)
            if " at 0x" not in json.dumps(result):
                made.append({"template": template, **result})
    document = json.dumps({"variables": VARIABLES, "cases": made}, ensure_ascii=True, indent=0)
    TARGET.write_bytes(gzip.compress(document.encode("ascii"), mtime=0))
    print(len(made), "cases", sum("error" in case for case in made), "errors", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
