// serve.js PORT USER PASSWORD: hoodiecrow on loopback, mail in memory, with every capability that it has but TLS.
const hoodiecrow = require('hoodiecrow-imap');

const [port, user, password] = process.argv.slice(2);
const folder = (use) => ({ 'special-use': use });

hoodiecrow({
  plugins: [
    'AUTH-PLAIN', 'CONDSTORE', 'CREATE-SPECIAL-USE', 'ENABLE', 'ID', 'IDLE', 'LITERALPLUS', 'MOVE', 'NAMESPACE',
    'SASL-IR', 'SPECIAL-USE', 'UIDPLUS', 'UNSELECT',
  ],
  users: { [user]: { password } },
  storage: {
    INBOX: { messages: [] },
    '': { separator: '/', folders: { Drafts: folder('\\Drafts'), Sent: folder('\\Sent'), Trash: folder('\\Trash') } },
  },
}).listen(Number(port), '127.0.0.1');
