"""Writes Python values in the form that libconfig reads."""


def _value(value, depth):
    indent = "\t" * depth
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        inner = "".join(
            f"{indent}\t{key} = {_value(item, depth + 1)};\n" for key, item in value.items()
        )
        return "{\n" + inner + indent + "}"
    if isinstance(value, (list, tuple)):
        inner = ",\n".join(f"{indent}\t{_value(item, depth + 1)}" for item in value)
        return f"(\n{inner}\n{indent})" if value else "()"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def to_libconfig(settings):
    return "".join(f"{key} = {_value(value, 0)};\n" for key, value in settings.items())
