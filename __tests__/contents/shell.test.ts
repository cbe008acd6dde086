import { expect, test } from '@jest/globals';
import { shellCommands, shellText } from '../../src/contents/shell.js';

test.each<[readonly string[], ReturnType<typeof shellText>]>([
  [[], undefined],
  [['app', '-c', 'x'], undefined],
  [['/bin/sh', '-c', 'x'], { at: 0, text: 'x' }],
  [['/bin/bash', '-o', 'pipefail', '-ec', 'x', '-c'], { at: 0, text: 'x' }],
  [['tini', '--', 'ash', '-c', 'x'], { at: 2, text: 'x' }],
  [['sh', '/script', 'x'], undefined],
  [['sh', '-c'], undefined],
])('shellText %j', (words, expected) => {
  expect(shellText(words)).toEqual(expected);
});

const sure = (program: string) => ({ program, certain: true });
const perhaps = (program: string) => ({ program, certain: false });

test.each<[string, ReturnType<typeof shellCommands>]>([
  ['app', [sure('app')]],
  ['  exec /usr/bin/app --serve "$PORT"', [sure('/usr/bin/app')]],
  ['A=1 B="x y" app', [sure('app')]],
  ['PATH=/opt:$PATH app', [perhaps('app')]],
  ['"/opt/my app" x', [sure('/opt/my app')]],
  [
    'migrate && exec app || echo no; app2 & app3 | app4',
    [sure('migrate'), ...['app', 'app2', 'app3', 'app4'].map(perhaps)],
  ],
  ['cd /srv && ./run', [perhaps('./run')]],
  ['if [ -f x ]; then app; else other; fi', [perhaps('app'), perhaps('other')]],
  ['while ! ready; do sleep 1; done', [perhaps('ready'), perhaps('sleep')]],
  ['(app)', [perhaps('app')]],
  ['$APP --x', []],
  ['$' + '{APP:-app} --x', []],
  ['`app` --x', []],
  ['$(which app) --x', [perhaps('which')]],
  ['"$HOME/app" x', []],
  ['/opt/$NAME/app', []],
  ['echo app # other', []],
  ['app > /log 2>&1', [sure('app')]],
  ['bin/*', []],
  ['', []],
  ['cat <<X\nother\nX', [sure('cat')]],
  ["'", []],
  ['app $' + '{', []],
  [`app ${'x'.repeat(1_000_000)}`, [sure('app')]],
])('shellCommands %#', (text, expected) => {
  expect(shellCommands(text)).toEqual(expected);
});
