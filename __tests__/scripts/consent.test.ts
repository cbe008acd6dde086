import { describe, expect, test } from '@jest/globals';
import { folderOf, part } from './shell.js';

/*
 * What the set-up does on a person's own machine, an Ubuntu: with consent it brings
 * everything, without it says what can be done, in commands that work as printed.
 */

interface Machine {
  /** Programs that are not there. */
  readonly lacks: readonly string[];
  readonly consent?: boolean;
  readonly apt?: boolean;
  readonly more?: readonly string[];
}

/** Calls a part on an Ubuntu where apt and go only tell what they were asked. */
function on(
  { lacks, consent = false, apt = true, more = [] }: Machine,
  name: string,
  call: string,
) {
  const missing = ['nothing', ...lacks, ...(apt ? [] : ['apt-get'])].join('|');
  return part(name, [
    'distribution() { echo ubuntu 24.04; }',
    `may_install() { ${consent}; }`,
    `has() { case $1 in ${missing}) return 1 ;; esac; }`,
    'install_packages() { echo "apt: $*"; }',
    'try_packages() { echo "apt, or not: $*"; return 1; }',
    'go_install() { echo "go: $1"; }',
    ...more,
    call,
  ]);
}

describe('with consent', () => {
  test('skopeo and shellcheck are installed, the rest is built', async () => {
    const lacks = ['skopeo', 'shellcheck', 'crane', 'docker-registry'];
    const said = await on({ lacks, consent: true }, 'tools', 'require_tools');
    expect([said.status, said.stderr]).toEqual([0, '']);
    expect(said.stdout.split('\n').map((line) => line.replace(/ \S+@.*/, ''))).toEqual([
      ...['go: act', 'go: actionlint', 'go: crane', 'go: docker-registry'],
      'apt: skopeo shellcheck',
      expect.stringContaining('are there'),
      '',
    ]);
  });

  test('docker-registry is installed, and its own service does not take the port', async () => {
    const more = [
      'answers() { return 1; }',
      'stop_packaged_registry() { echo service stopped; }',
      'start_daemon() { echo "started $2"; }',
      'wait_for() { :; }',
    ];
    const machine = { lacks: ['docker-registry'], consent: true, more };
    const said = await on(machine, 'hub', 'start_stand_in');
    expect([said.status, said.stderr]).toEqual([0, '']);
    expect(said.stdout.split('\n').slice(0, 3)).toEqual([
      'apt: docker-registry/newest',
      'service stopped',
      'started docker-registry',
    ]);
  });

  test.each([
    ['Ubuntu’s own where it is new enough', 'go1.24.4', 'go1.24.4'],
    ['one that Ubuntu’s fetches', 'go1.22.2', 'go1.26.8'],
  ])('Go is %s', async (_, ubuntus, used) => {
    // As Go does from 1.21 on: it becomes the version that GOTOOLCHAIN names.
    const go = `#!/bin/sh
      [ "$2" = GOROOT ] && echo /go && exit
      case $GOTOOLCHAIN in go*+auto) echo "\${GOTOOLCHAIN%+auto}" ;; *) echo ${ubuntus} ;; esac
    `;
    const programs = await folderOf({ 'later/go': go });
    const more = [
      'mkdir "$rig/plain" && ln -s "$(type -P rm)" "$(type -P chmod)" "$rig/plain"',
      'PATH=$bin:$rig/plain',
      `install_packages() { echo "apt: $*"; PATH=$PATH:${programs}/later; }`,
    ];
    const said = await on({ lacks: [], consent: true, more }, 'golang', 'require_go');
    expect(said).toEqual({
      status: 0,
      stdout: [
        'apt, or not: golang-1.26-go/newest ca-certificates',
        'apt: golang-go/newest ca-certificates',
        `go          ${used} at /go`,
        '',
      ].join('\n'),
      stderr: '',
    });
  });
});

describe('without consent', () => {
  const NO_GO = ['go_suffices() { false; }', 'use_toolchain() { false; }'];
  const NO_ENGINE = ['engine_version() { false; }', 'unset DOCKER_HOST'];
  const NO_HUB = ['answers() { return 1; }'];
  const CASES = [
    { name: 'tools', call: 'require_tools', lacks: ['skopeo'], says: 'apt-get install skopeo' },
    {
      name: 'tools',
      call: 'require_tools',
      lacks: ['shellcheck'],
      says: 'apt-get install shellcheck',
    },
    {
      name: 'golang',
      call: 'require_go',
      lacks: ['go'],
      more: NO_GO,
      says: 'as its makers describe',
    },
    {
      name: 'engine',
      call: 'start_engine',
      lacks: ['dockerd'],
      more: NO_ENGINE,
      says: 'systemctl start docker',
    },
    { name: 'engine', call: 'require_buildx', lacks: ['x'], says: 'as Docker describes' },
    {
      name: 'hub',
      call: 'start_stand_in',
      lacks: ['docker-registry'],
      more: NO_HUB,
      says: 'Start what answers',
    },
  ];

  test.each(CASES)(
    '$call declines, and $lacks can be had with the command that it prints',
    async (machine) => {
      const said = await on(machine, machine.name, machine.call);
      expect([said.status, said.stdout.includes('apt:')]).toEqual([3, false]);
      expect(said.stderr).toContain(machine.says);
      expect(said.stderr).toMatch(/ run as root\n {14}npm test -- --yes\n$/);
    },
  );

  test('the demo names its own command', async () => {
    const { more, lacks } = { more: [...NO_ENGINE, 'purpose=demo'], lacks: ['dockerd'] };
    const said = await on({ lacks, more }, 'engine', 'start_engine');
    expect(said.stderr).toMatch(/ run as root\n {14}npm run demo -- --yes\n$/);
  });

  test('where there is no apt, nothing is offered that would not work', async () => {
    const said = await on({ lacks: ['skopeo'], apt: false }, 'tools', 'require_tools');
    expect([said.status, said.stderr.includes('--yes')]).toEqual([3, false]);
  });
});
