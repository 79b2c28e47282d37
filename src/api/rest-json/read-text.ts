import type { MemberModel, Shape } from '../model/service-model.ts';
import { shapeNamed, type Shapes } from '../model/service-operation.ts';
import { checkLength, checkNumber, checkText, type Check } from './constraints.ts';
import { readTimestamp, timestampFormatOf } from './timestamp.ts';

/**
 * Turns the texts that one path label, header or query parameter carries (a query parameter may repeat) into the member's typed
 * value; what does not fit is added to the problems and left out.
 */
export function readText(
  member: MemberModel,
  texts: readonly string[],
  path: string,
  shapes: Shapes,
  check: Check,
): unknown {
  const shape = shapeNamed(shapes, member.shape);
  if (shape.type === 'list') {
    if (!checkLength(shape, texts.length, texts, path, check, shape.sensitive === true)) return undefined;
    const item = { ...shape.member, location: member.location ?? 'querystring' };
    return texts.map((text, index) => readText(item, [text], `${path}[${index}]`, shapes, check));
  }
  const [text = '', ...others] = texts;
  if (others.length > 0) {
    check.problems.add(path, texts, 'Member must be given once', shape.sensitive);
    return undefined;
  }
  return readOne(shape, member, text, path, check);
}

function readOne(shape: Shape, member: MemberModel, text: string, path: string, check: Check): unknown {
  const isSecret = shape.sensitive === true;
  const refuse = (expected: string) => {
    check.problems.add(path, text, `Member must be ${expected}`, isSecret);
    return undefined;
  };
  switch (shape.type) {
    case 'string':
      checkText(shape, text, path, check, isSecret);
      return text;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : refuse('true or false');
    case 'integer':
    case 'long':
    case 'float':
    case 'double': {
      if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return refuse('a number');
      checkNumber(shape, Number(text), path, check, isSecret);
      return Number(text);
    }
    case 'timestamp': {
      const format = timestampFormatOf(member, shape);
      return readTimestamp(text, format) ?? refuse(`a timestamp in the form ${format}`);
    }
    case 'blob':
    case 'list':
    case 'map':
    case 'structure':
      throw new Error(`The service model carries a ${shape.type} outside the body at ${path}`);
    default:
      throw new Error(`The service model has a shape that the codec does not know at ${path}`);
  }
}
