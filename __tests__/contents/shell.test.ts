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
  expect(shellText(words)).toStrictEqual(expected);
});

type Named = Pick<ReturnType<typeof shellCommands>[number], 'program' | 'certain'>;
const sure = (program: string): Named => ({ program, certain: true });
const perhaps = (program: string): Named => ({ program, certain: false });

test.each<[string, readonly Named[]]>([
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
  ['`app` --x', [perhaps('app')]],
  ['test "$(app --version)" = 1', [perhaps('app')]],
  ['V=$(app "$(other)" | third)', ['app', 'third', 'other'].map(perhaps)],
  ["echo '$(app)' \\$(app)", [perhaps('app')]],
  ['echo "it\'s `app \\`other\\``"', ['app', 'other'].map(perhaps)],
  ['echo $((1 + $(app)))', ['1', 'app'].map(perhaps)],
  ['diff <(app) x', [sure('diff'), perhaps('app')]],
  ['2>/dev/null app x', [perhaps('app')]],
  ['app 2>&1 |& other', [sure('app'), perhaps('other')]],
  ['eval "app --x"', [perhaps('app')]],
  ["# don't\napp \\\n x\nother", ['app', 'other'].map(perhaps)],
  ['$(which app) --x', [perhaps('which')]],
  ['"$HOME/app" x', []],
  ['/opt/$NAME/app', []],
  ['echo app # other', []],
  ['app > /log 2>&1', [sure('app')]],
  ['bin/*', []],
  ['bin/* app', []],
  ['$(app) other', [perhaps('app')]],
  ['`app` other', [perhaps('app')]],
  ['app\n\\other x', [sure('app'), perhaps('other')]],
  ['/opt/my\\ app x', [sure('/opt/my app')]],
  ["echo '`app`'", []],
  ["echo '$(app) # x' && other", [perhaps('other')]],
  ["echo it\\'s; app # it's\nother", ['app', 'other'].map(perhaps)],
  ['echo a#b; app', [perhaps('app')]],
  ['echo "a#b" "#"; /opt/a#b', [perhaps('/opt/a#b')]],
  ['echo $( (app) ; other) ; third', ['third', 'app', 'other'].map(perhaps)],
  ['echo "(" $(app) ")"; other', ['other', 'app'].map(perhaps)],
  ['echo >(app)', [perhaps('app')]],
  ['echo "<(app)"', []],
  ['echo "$(app)', [perhaps('app')]],
  ['echo `app', [perhaps('app')]],
  ['app \\', [sure('app')]],
  ['', []],
  ['cat <<X\nother\nX', [sure('cat'), ...['other', 'X'].map(perhaps)]],
  ["'", []],
  ['app $' + '{', []],
  [`app ${'x'.repeat(1_000_000)}`, [sure('app')]],
])('shellCommands %#', (text, expected) => {
  const named = shellCommands(text).map(({ program, certain }) => ({ program, certain }));
  expect(named).toStrictEqual(expected);
});
