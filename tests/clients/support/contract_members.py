# SPDX-License-Identifier: MIT
"""What http/openapi.yaml says of each schema: its members, and the values of those that are enumerations."""
import yaml


def contract_members(path: str) -> dict[str, dict]:
    """{"Job": {"members": ["id", ...], "values": []}, "JobStatus": {"members": [], "values": ["pending", ...]}, ...};
    what has no name of its own goes by that of its place, as `Waiting.reason` does."""
    with open(path, encoding='utf-8') as file:
        schemas = yaml.safe_load(file)['components']['schemas']
    made: dict[str, dict] = {}
    for name, schema in schemas.items():
        made[name] = _described(schema)
        inner = {name + '.' + member: each for member, each in schema.get('properties', {}).items()}
        if isinstance(schema.get('additionalProperties'), dict):
            inner[name + '.*'] = schema['additionalProperties']
        for place, each in inner.items():
            told = _described(each.get('items', each))
            if told['members'] or told['values']:
                made[place] = told
    return made


def _described(schema: dict) -> dict:
    values = [value for value in schema.get('enum', []) if isinstance(value, str)]
    return {'members': list(schema.get('properties', {})), 'values': values}
