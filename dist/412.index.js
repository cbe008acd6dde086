export const id = 412;
export const ids = [412];
export const modules = {

/***/ 9412:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  connect: () => (/* reexport */ connect)
});

;// CONCATENATED MODULE: ./src/github/event.js
/**
 * The context of @actions/github, which reads the payload when it is imported: it blocks
 * on a pipe, prints a line where there is no file, and throws where the file holds no
 * JSON. So the file is read by our own port first, which does none of these.
 */
async function contextOf({ env, files }) {
    try {
        JSON.parse((await files.read(env.GITHUB_EVENT_PATH ?? '')).toString('utf8'));
        return (await __webpack_require__.e(/* import() */ 329).then(__webpack_require__.bind(__webpack_require__, 1329))).context;
    }
    catch {
        return undefined;
    }
}
/** Reads the event. Never rejects: what cannot be read is left out. */
async function readEvent(ports) {
    const { GITHUB_EVENT_NAME = '', GITHUB_REF = '', GITHUB_SHA = '' } = ports.env;
    const context = await contextOf(ports);
    if (context === undefined)
        return { name: GITHUB_EVENT_NAME, ref: GITHUB_REF, revision: GITHUB_SHA };
    const { eventName, ref, sha, payload } = context;
    const number = payload.pull_request?.number;
    return {
        name: eventName ?? '',
        ref: ref ?? '',
        revision: sha ?? '',
        ...(typeof number === 'number' ? { pullRequest: number } : {}),
        payload,
    };
}

// EXTERNAL MODULE: ../../node_modules/@actions/exec/lib/exec.js + 1 modules
var exec = __webpack_require__(4775);
;// CONCATENATED MODULE: ./src/github/run-command.js

/**
 * Runs a short command through @actions/exec, silently; answers its whole output, whatever
 * its exit code. It cannot be ended, and its input stays empty.
 */
async function runCommand({ file, args, env }) {
    try {
        // A file's name is split at spaces unless it is quoted.
        const { exitCode, stdout, stderr } = await (0,exec/* getExecOutput */.H)(`"${file}"`, [...args], {
            env: { ...env },
            silent: true,
            ignoreReturnCode: true,
            input: Buffer.alloc(0),
        });
        return { code: exitCode, signal: null, stdout, stderr };
    }
    catch (error) {
        const { message } = error;
        return { code: null, signal: null, notStarted: message, stdout: '', stderr: '' };
    }
}

// EXTERNAL MODULE: ../../node_modules/@actions/core/lib/core.js + 8 modules
var core = __webpack_require__(8806);
// EXTERNAL MODULE: ./src/report/index.js + 43 modules
var report = __webpack_require__(9216);
;// CONCATENATED MODULE: ./src/github/runner.js


const INPUT = 'INPUT_';
const ANNOTATE = { error: core/* error */.z3, warning: core/* warning */.$e, notice: core/* notice */.lm };
/** A job's output that holds a masked value is dropped, so short values are not masked. */
const SHORTEST_MASK = 8;
function readInputs(env) {
    const names = Object.keys(env).filter((name) => name.startsWith(INPUT));
    return new Map(names.map((variable) => {
        const name = variable.slice(INPUT.length).toLowerCase();
        return [name, core/* getInput */.V4(name, { trimWhitespace: false })];
    }));
}
/** Lines of secrets that are long enough to be hidden, each once. */
function masksOf(secrets) {
    const lines = [...secrets].flatMap((secret) => secret.split(/\r\n|\n|\r/));
    return [...new Set(lines)].filter((line) => line.trim().length >= SHORTEST_MASK);
}
/**
 * The runner through @actions/core, which reads the environment of this process. Where
 * the runner names no file, @actions/core prints the value as a command, for runners
 * before 2022; here nothing is written then.
 */
function createRunner({ env, files }) {
    /** Makes the file that @actions/core wants to exist; false where the runner names none. */
    const hasFile = async (name) => {
        const path = env[`GITHUB_${name}`] ?? '';
        if (path === '')
            return false;
        await files.append(path, '');
        return true;
    };
    return {
        inputs: () => readInputs(env),
        state: (name) => core/* getState */.Gu(name) || undefined,
        async saveState(name, value) {
            if (await hasFile('STATE'))
                core/* saveState */.LZ(name, value);
        },
        async setOutputs(outputs) {
            if (!(await hasFile('OUTPUT')))
                return;
            for (const [name, value] of Object.entries(outputs))
                core/* setOutput */.uH(name, value);
        },
        async addSummary(markdown) {
            if (await hasFile('STEP_SUMMARY'))
                await core/* summary */.z.addRaw(markdown.trimEnd(), true).write();
        },
        mask(secrets) {
            for (const line of masksOf(secrets))
                core/* setSecret */.Pq(line);
        },
        annotate({ level, message, title, file, line, column }) {
            // A property without a value is left out.
            ANNOTATE[level](message, {
                title: title ?? '',
                file: file ?? '',
                ...(line === undefined ? {} : { startLine: line }),
                ...(column === undefined ? {} : { startColumn: column }),
            });
        },
        group(title, text) {
            core/* startGroup */.Oh(title);
            core/* info */.pq((0,report/* withoutCommands */.Df)(text).trimEnd());
            core/* endGroup */.N4();
        },
        debug: (line) => core/* debug */.Yz(line),
    };
}

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./src/github/tool-cache.js

/**
 * The runner's tool cache (RUNNER_TOOL_CACHE) through @actions/tool-cache. `temporary` is
 * the folder in which a tool lies until it is kept. @actions/tool-cache replaces a tool
 * in several steps, so a reader has to expect a part of it.
 */
function runnerToolCache(folder, temporary) {
    return {
        temporary,
        async find({ name, version, architecture }) {
            const { find } = await __webpack_require__.e(/* import() */ 777).then(__webpack_require__.bind(__webpack_require__, 2777));
            // It does not find what was put there without the marker `ARCH.complete`.
            return find(name, version, architecture) || (0,external_node_path_.join)(folder, name, version, architecture);
        },
        async keep(file, { name, version, architecture, program }) {
            const { cacheFile } = await __webpack_require__.e(/* import() */ 777).then(__webpack_require__.bind(__webpack_require__, 2777));
            return cacheFile(file, program, name, version, architecture);
        },
    };
}

;// CONCATENATED MODULE: ./src/github/connect.js




/** Connects to the runner that has started this process. */
async function connect(ports) {
    const { RUNNER_TOOL_CACHE, RUNNER_TEMP, TMPDIR } = ports.env;
    const event = await readEvent(ports);
    const tools = RUNNER_TOOL_CACHE
        ? runnerToolCache(RUNNER_TOOL_CACHE, RUNNER_TEMP || TMPDIR || '/tmp')
        : ports.tools;
    return {
        runner: createRunner(ports),
        event,
        runCommand: runCommand,
        ports: { ...ports, tools, payload: async () => event.payload },
    };
}

;// CONCATENATED MODULE: ./src/github/index.js



/***/ })

};
