// devices.js ADDRESS... - seven independent devices, one on each loopback address.
//
// Prints JSON objects, one a line:
//   {"ready":{"hs110v1":{"address":"127.0.0.1","port":40001,"mac":"..."},...}}
//   {"relay":"hs110v1","state":1}     a relay moved (hs300/2 is the third outlet of the strip)
// For each line "relays" on stdin all of them: {"relays":{"hs110v1":0,...}}, and for each line
// "data" what the devices keep, by name: {"data":{"hs110v1":{"system":{...},...},...}}
// It ends when stdin does. UDP is bound on the devices' own addresses, and the ports are the
// kernel's choice: the package's broadcast listener, which binds every address, is not started.
'use strict';

const readline = require('node:readline');
const { Device } = require('tplink-smarthome-simulator');

function energyOn(key, value) {
  const now = new Date();
  const day = { year: now.getFullYear(), month: now.getMonth() + 1, day: now.getDate() };
  return { day_list: [{ ...day, [key]: value }] };
}

// One device closes the connection after each reply, as many plugs do; the others keep it.
const wanted = [
  {
    name: 'hs110v1',
    model: 'hs110',
    mac: '50:C7:BF:AA:00:01',
    emeter: {
      realtime: { current: 0.451, voltage: 230.837, power: 61.753, total: 16.323 },
      daystat: energyOn('energy', 1.234),
    },
  },
  {
    name: 'hs110v2',
    model: 'hs110v2',
    mac: '50:C7:BF:AA:00:02',
    emeter: {
      realtime: { current: 0.022, voltage: 121.5, power: 1.25, total: 2.048 },
      daystat: energyOn('energy_wh', 512),
    },
  },
  { name: 'hs100', model: 'hs100', mac: '50:C7:BF:AA:00:03', closes: true },
  {
    name: 'hs300',
    model: 'hs300',
    mac: '50:C7:BF:AA:00:04',
    emeter: {
      realtime: { current: 0.1, voltage: 119.25, power: 11.5, total: 0.75 },
      daystat: energyOn('energy_wh', 96),
    },
  },
  { name: 'hs220', model: 'hs220', mac: '50:C7:BF:AA:00:05' },
  { name: 'lb130', model: 'lb130', mac: '50C7BFAA0006' },
  { name: 'kl430', model: 'kl430', mac: '50:C7:BF:AA:00:07' },
];

function makeDevice({ name, model, mac, emeter, closes }, address) {
  const data = { mac, deviceId: mac.replaceAll(':', '').padEnd(40, '0') };
  if (emeter) data.emeter = structuredClone(emeter);
  const device = new Device({ model, address, port: 0, alias: `Independent ${name}`, data });
  // Hardware 2 puts the package's own readings over what it was given.
  if (emeter && device.children === undefined) Object.assign(device.data.emeter, emeter);
  device.endSocketAfterResponse = closes === true;
  return { name, device };
}

function print(object) {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}

// A bulb's light is its relay.
function stateOf(data) {
  const strip = data['smartlife.iot.lightStrip'];
  const light = strip === undefined ? data.system.sysinfo.light_state : strip.light_state;
  return light === undefined ? data.system.sysinfo.relay_state : light.on_off;
}

function relays(devices) {
  const states = {};
  devices.forEach(({ name, device }) => {
    if (device.children === undefined) {
      states[name] = stateOf(device.data);
      return;
    }
    device.children.forEach((child, index) => {
      states[`${name}/${index}`] = child.sysinfo.state;
    });
  });
  return states;
}

function tellMoves(devices, last) {
  Object.entries(relays(devices)).forEach(([relay, state]) => {
    if (last[relay] !== state) print({ relay, state });
    last[relay] = state;
  });
}

async function main(addresses) {
  if (addresses.length !== wanted.length) throw new Error(`${wanted.length} addresses, please`);
  const devices = wanted.map((want, index) => makeDevice(want, addresses[index]));
  const last = relays(devices);
  devices.forEach(({ name, device }) => {
    device.deviceNetworking.on('response', () => tellMoves(devices, last));
    device.deviceNetworking.on('error', (error) => print({ error: `${name}: ${error.message}` }));
  });
  await Promise.all(devices.map(({ device }) => device.start()));
  const ready = devices.map(({ name, device }) => [
    name,
    { address: device.address, port: device.port, mac: device.mac },
  ]);
  print({ ready: Object.fromEntries(ready) });
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line === 'relays') print({ relays: relays(devices) });
    if (line === 'data') {
      print({ data: Object.fromEntries(devices.map(({ name, device }) => [name, device.data])) });
    }
  });
  lines.on('close', () => process.exit(0));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
