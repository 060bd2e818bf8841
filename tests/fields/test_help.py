"""The help prints the table of field rights as it is."""

import re

from incidents.domain.field_rights import READINGS, FieldClass, least_role, scopes_to
from incidents.web.help import FOLDER

_ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def expected(field: FieldClass) -> tuple[str, str]:
    role = least_role(field)
    nobody = "its author alone" if field == FieldClass.UNSENT_TEXT else "nobody"
    scopes = ", ".join(f"`{scope.value}`" for scope in scopes_to(field))
    return role.value if role else nobody, scopes or "none"


def test_the_help_on_staff_prints_every_row_of_the_table_as_it_is_and_no_other() -> None:
    text = (FOLDER / "staff.md").read_text(encoding="utf-8").partition("## Who reads what")[2]
    printed = {name: (role, scopes) for name, role, scopes in _ROW.findall(text.partition("\n## ")[0])}
    del printed["field"]
    assert printed == {field.value: expected(field) for field in READINGS}
