"""A Word document to Markdown, in a process that can be killed (DESIGN 12).

mammoth reads the document, nh3 leaves of it what a letter may hold, markdownify writes it down. mammoth sanitises
nothing and unpacks whatever it is given, so it runs in a child with a deadline and a bound of memory. Pictures are left
out. Run as a module it reads a document from standard input and writes Markdown to standard output.
"""

import io
import re
import resource
import subprocess
import sys
from pathlib import Path

DEADLINE_SECONDS = 20.0
MEMORY_LIMIT = 768 * 1024 * 1024
STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a"),
}
_ROOT = Path(__file__).resolve().parents[2]
_BLANK = re.compile(r"\n{3,}")


def docx_markdown(content: bytes, *, deadline: float = DEADLINE_SECONDS) -> str:
    """The document's words as Markdown. `deadline` in seconds. Raises ValueError in plain words."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "incidents.formatting.docx"],
            input=content,
            capture_output=True,
            cwd=_ROOT,
            timeout=deadline,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError("It takes too long to be read. Paste its words instead.") from error
    except subprocess.CalledProcessError as error:
        raise ValueError("It cannot be read as a Word document. Save it anew, or paste its words.") from error
    return child.stdout.decode()


def convert(content: bytes) -> str:
    """The same, in this process."""
    import mammoth  # type: ignore[import-untyped]  # noqa: PLC0415  (heavy, and of the child only)
    import nh3  # noqa: PLC0415
    from markdownify import markdownify  # noqa: PLC0415

    ignored = mammoth.images.img_element(lambda _: {"src": ""})
    found = mammoth.convert_to_html(io.BytesIO(content), style_map=STYLES, convert_image=ignored).value
    safe = nh3.clean(
        found,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    text = markdownify(safe, heading_style="ATX", bullets="-", table_infer_header=True)
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    sys.stdout.write(convert(sys.stdin.buffer.read()))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
