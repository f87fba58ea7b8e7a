// What an expression of n8n sees, built over the run's data; evaluated once in every run's own V8.
'use strict';
globalThis.vk = (() => {
  const { DateTime, Interval, Duration, Settings } = luxon;
  const runs = new Map(); // node → [{outputs: [[item]], source: [{previousNode, …}]}]
  const compiled = new Map();
  let run, here; // the run's constants; the node that resolves now

  class ExpressionError extends Error {
    constructor(message, description) {
      super(message);
      this.name = 'ExpressionError';
      this.description = description;
    }
  }

  const outputs = (node, index) => runs.get(node)?.at(index ?? -1)?.outputs ?? [];
  const withItem = (item) => item && { json: item.json, pairedItem: item.pairedItem, binary: {} };

  function allOf(node, output = 0, index = undefined) {
    return (outputs(node, index)[output] ?? []).map(withItem);
  }

  // the item of `node` that this item came from, node by node backwards
  function ancestor(node) {
    let item = here.items[here.itemIndex];
    let from = here.source[0];
    for (let steps = 0; from && item && steps < 1000; steps++) {
      if (from.previousNode === node) return withItem(item);
      const before = runs.get(from.previousNode)?.[from.previousNodeRun ?? 0];
      const pair = [item.pairedItem].flat()[0];
      if (pair === undefined || pair === null) break;
      from = before?.source[pair.input ?? 0];
      item = from && outputs(from.previousNode, from.previousNodeRun ?? 0)[from.previousNodeOutput ?? 0]?.[pair.item ?? pair];
    }
    throw new ExpressionError("Can't get data for expression");
  }

  function reference(name) {
    if (!run.nodes.includes(name)) throw new ExpressionError("Referenced node doesn't exist");
    const executed = () => {
      if (!runs.has(name)) throw new ExpressionError(`Node '${name}' hasn't been executed`);
    };
    return {
      get item() {
        executed();
        return ancestor(name);
      },
      itemMatching(index) {
        executed();
        return allOf(name)[index];
      },
      pairedItem() {
        executed();
        return ancestor(name);
      },
      first(output, index) {
        executed();
        return allOf(name, output, index)[0];
      },
      last(output, index) {
        executed();
        return allOf(name, output, index).at(-1);
      },
      all(output, index) {
        executed();
        return allOf(name, output, index);
      },
      get isExecuted() {
        return runs.has(name);
      },
      get params() {
        return run.parameters[name];
      },
      get context() {
        return {};
      },
    };
  }

  const denied = {};
  for (const name of [
    'document', 'global', 'window', 'Window', 'this', 'globalThis', 'self', 'alert', 'prompt', 'confirm', 'eval',
    'uneval', 'setTimeout', 'setInterval', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'Function', 'require',
    'module', 'Buffer', '__dirname', '__filename', 'fetch', 'XMLHttpRequest', 'Promise', 'Generator',
    'GeneratorFunction', 'AsyncFunction', 'AsyncGenerator', 'AsyncGeneratorFunction', 'WebAssembly', 'Reflect',
    'Proxy', 'escape', 'unescape',
  ]) denied[name] = {};
  const allowed = {
    Date, DateTime, Interval, Duration, Object, Array, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array,
    Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array, Map, WeakMap,
    Set, WeakSet, Error, TypeError, SyntaxError, EvalError, RangeError, ReferenceError, URIError, Intl, String, RegExp,
    Math, Number, BigInt, Infinity, NaN, isFinite: Number.isFinite, isNaN: Number.isNaN, parseFloat, parseInt, JSON,
    ArrayBuffer, DataView, encodeURI, encodeURIComponent, decodeURI, decodeURIComponent, Boolean, Symbol,
  };
  const numbers = (values) => values.flat().map(Number);
  const helpers = {
    $if: (test, yes, no) => (test ? yes : no),
    $ifEmpty: (value, instead) => (isEmpty(value) ? instead : value),
    $max: (...values) => Math.max(...numbers(values)),
    $min: (...values) => Math.min(...numbers(values)),
    $average: (...values) => numbers(values).reduce((a, b) => a + b, 0) / values.flat().length,
    $not: (value) => !value,
  };

  function isEmpty(value) {
    if (value === undefined || value === null || value === '') return true;
    if (Array.isArray(value)) return value.length === 0;
    return typeof value === 'object' && !(value instanceof Date) && Object.keys(value).length === 0;
  }

  const views = {
    $json: () => here.items[here.itemIndex]?.json,
    $binary: () => ({}),
    $data: () => here.items[here.itemIndex]?.json,
    $itemIndex: () => here.itemIndex,
    $position: () => here.itemIndex,
    $runIndex: () => here.runIndex,
    $thisItem: () => withItem(here.items[here.itemIndex]),
    $input: () => ({
      item: withItem(here.items[here.itemIndex]),
      first: () => withItem(here.items[0]),
      last: () => withItem(here.items.at(-1)),
      all: () => here.items.map(withItem),
      params: run.parameters[here.source[0]?.previousNode],
    }),
    $parameter: () => run.parameters[here.node],
    $nodeId: () => here.nodeId,
    $nodeVersion: () => here.nodeVersion,
    $prevNode: () => ({
      name: here.source[0]?.previousNode,
      outputIndex: here.source[0]?.previousNodeOutput ?? 0,
      runIndex: here.source[0]?.previousNodeRun ?? 0,
    }),
    $workflow: () => ({ ...run.workflow }),
    $execution: () => ({ ...run.execution }),
    $vars: () => ({}),
    $secrets: () => ({}),
    $env: () =>
      new Proxy({}, {
        get(_target, name) {
          if (typeof name === 'symbol' || name === 'toJSON') return undefined;
          throw new ExpressionError('access to env vars denied');
        },
      }),
    $now: () => DateTime.now(),
    $today: () => DateTime.now().set({ hour: 0, minute: 0, second: 0, millisecond: 0 }),
    $: () => reference,
    $node: () =>
      new Proxy({}, {
        get(_target, name) {
          if (typeof name === 'symbol') return undefined;
          const found = reference(name);
          return { get json() { return (found.all()[here.itemIndex] ?? found.first())?.json; }, parameter: found.params };
        },
      }),
    $items: () => (node, output, index) => allOf(node ?? here.source[0]?.previousNode, output, index),
    process: () => ({ env: {} }),
  };
  const scope = new Proxy(Object.create(null), {
    has: () => true,
    get(_target, name) {
      if (name === Symbol.unscopables) return undefined;
      if (Object.hasOwn(views, name)) return views[name]();
      for (const found of [allowed, helpers, denied]) if (Object.hasOwn(found, name)) return found[name];
      return undefined;
    },
  });

  function compile(code) {
    if (!compiled.has(code)) {
      const trimmed = code.trim().replace(/;$/, '');
      try {
        new Function(`'use strict'; return (${trimmed}\n)`);
        compiled.set(code, new Function('scope', `with (scope) { return (function () { return (${trimmed}\n) }).call({}) }`));
      } catch {
        throw new ExpressionError('invalid syntax');
      }
    }
    return compiled.get(code);
  }

  // a failure inside an expression is no failure of the node: n8n gives undefined instead
  function evaluate(code) {
    const run = compile(code);
    try {
      return run(scope);
    } catch (error) {
      if (error instanceof ExpressionError) throw error;
      return undefined;
    }
  }

  const text = (value) => (value || value === 0 || value === false ? value : '');

  // chunks are [isCode, text] one after the other, the first one text
  function resolve(chunks) {
    const codes = chunks.filter(([isCode]) => isCode);
    for (const [, code] of codes)
      if (/\.\s*constructor/.test(code)) throw new ExpressionError('Expression contains invalid constructor function call');
    let value;
    if (chunks.length === 2 && chunks[0][1] === '') value = evaluate(chunks[1][1]);
    else value = chunks.map(([isCode, part]) => (isCode ? text(evaluate(part)) : part)).join('');
    if (typeof value === 'function') throw new ExpressionError('this is a function, please add ()');
    return value;
  }

  return {
    begin(constants) {
      run = constants;
      Settings.defaultZone = run.timezone;
      const offset = run.now - Date.now(); // the sandbox's clock may have been moved
      Settings.now = () => Date.now() + offset;
    },
    keep(node, outputs, source) {
      if (!runs.has(node)) runs.set(node, []);
      runs.get(node).push({ outputs, source });
    },
    enter(context) {
      here = context;
    },
    resolve(itemIndex, parts) {
      here.itemIndex = itemIndex;
      return JSON.stringify(
        parts.map((chunks) => {
          try {
            const value = resolve(chunks);
            return value === undefined ? { absent: true } : { value };
          } catch (error) {
            return { error: error.message, description: error.description };
          }
        }),
      );
    },
  };
})();
