import vm from 'node:vm';

type Compile = typeof vm.compileFunction;

/**
 * `vm.compileFunction` that parses a file once in a process, and not once for each context it runs in. What V8 compiles
 * later, function by function, is shared too.
 *
 * A script of a context that has no loader for it refuses `import()`: as Jest does, without `--experimental-vm-modules`.
 */
export function sharingScripts(compile: Compile): Compile {
  const scripts = new Map<string, { source: string; script: vm.Script }>();
  return (source, parameters = [], options = {}) => {
    const { filename, parsingContext } = options;
    if (!filename || !parsingContext) return compile(source, parameters, options);
    const head = `(function (${parameters.join(', ')}) {`;
    const whole = `${head}${source}\n})`;
    let known = scripts.get(filename);
    if (known?.source !== whole) {
      // What the head takes of the first line counts for no column.
      known = { source: whole, script: new vm.Script(whole, { filename, columnOffset: -head.length }) };
      scripts.set(filename, known);
    }
    return known.script.runInContext(parsingContext) as ReturnType<Compile>;
  };
}
