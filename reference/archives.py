"""Fixtures for dev.slipway.data.archive, from Python's tarfile: the same files in each of its formats.

    python reference/archives.py core/src/test/resources/dev/slipway/data/archive
"""

import gzip
import io
import sys
import tarfile
from pathlib import Path

LONG = "folder/" + "n" * 80 + "/" + "m" * 60 + ".txt"
VERY_LONG = "/".join(["deep" * 20] * 6) + "/file.txt"
FILES = {"b.txt": b"b", "./a/empty": b"", LONG: b"long", "a/\u00fcml\u00e4ut \u732b.txt": "grüße".encode(), "big": bytes(range(256)) * 5}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind in {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}.items():
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w", format=kind) as tar:
            files = dict(FILES) if kind == tarfile.USTAR_FORMAT else FILES | {VERY_LONG: b"very long"}
            directory = tarfile.TarInfo("a/")
            directory.type = tarfile.DIRTYPE
            tar.addfile(directory)
            for path, content in files.items():
                info = tarfile.TarInfo(path)
                info.size = len(content)
                if kind == tarfile.PAX_FORMAT:
                    info.pax_headers = {"mtime": "1.5", "comment": "two\nlines = 2"}
                tar.addfile(info, io.BytesIO(content))
            link = tarfile.TarInfo("link")
            link.type = tarfile.SYMTYPE
            link.linkname = "/etc/passwd"
            tar.addfile(link)
        (folder / f"{name}.tar.gz").write_bytes(gzip.compress(plain.getvalue(), mtime=0))


main()
