/**
 * What a program writes to /dev/uhid (include/uapi/linux/uhid.h) to play a USB mouse with five
 * buttons whose report descriptor has room for three.
 */

const UHID_CREATE2 = 11;
const UHID_INPUT2 = 12;
const BUS_USB = 3;

/** Sizes of the names in `struct uhid_create2_req`. */
const NAME_BYTES = 128;
const PHYS_BYTES = 64;
const UNIQ_BYTES = 64;

/** HID 1.11, 6.2.2: items of one byte that say type and size, then their value. */
const DESCRIPTOR = [
  [0x05, 0x01], // Usage Page (Generic Desktop)
  [0x09, 0x02], // Usage (Mouse)
  [0xa1, 0x01], // Collection (Application)
  [0x09, 0x01], // Usage (Pointer)
  [0xa1, 0x00], // Collection (Physical)
  [0x05, 0x09], // Usage Page (Button)
  [0x19, 0x01], // Usage Minimum (1)
  [0x29, 0x03], // Usage Maximum (3)
  [0x15, 0x00], // Logical Minimum (0)
  [0x25, 0x01], // Logical Maximum (1)
  [0x95, 0x03], // Report Count (3)
  [0x75, 0x01], // Report Size (1)
  [0x81, 0x02], // Input (Data, Variable, Absolute)
  [0x95, 0x01], // Report Count (1)
  [0x75, 0x05], // Report Size (5)
  [0x81, 0x03], // Input (Constant)
  [0x05, 0x01], // Usage Page (Generic Desktop)
  [0x09, 0x30], // Usage (X)
  [0x09, 0x31], // Usage (Y)
  [0x15, 0x81], // Logical Minimum (-127)
  [0x25, 0x7f], // Logical Maximum (127)
  [0x95, 0x02], // Report Count (2)
  [0x75, 0x08], // Report Size (8)
  [0x81, 0x06], // Input (Data, Variable, Relative)
  [0xc0], // End Collection
  [0xc0], // End Collection
];

/** The mouse's descriptor, in hex. */
export const MOUSE_DESCRIPTOR = Buffer.from(DESCRIPTOR.flat()).toString('hex');

/** The event that makes the mouse. */
export function createMouse(): Buffer {
  const descriptor = Buffer.from(DESCRIPTOR.flat());
  const head = Buffer.alloc(4 + NAME_BYTES + PHYS_BYTES + UNIQ_BYTES + 20);
  head.writeUInt32LE(UHID_CREATE2, 0);
  head.write('A mouse with two buttons too many', 4);
  const numbers = 4 + NAME_BYTES + PHYS_BYTES + UNIQ_BYTES;
  head.writeUInt16LE(descriptor.length, numbers);
  head.writeUInt16LE(BUS_USB, numbers + 2);
  // pid.codes' vendor number and one of its products for tests.
  head.writeUInt32LE(0x1209, numbers + 4);
  head.writeUInt32LE(0x0001, numbers + 8);
  return Buffer.concat([head, descriptor]);
}

/** The event of a report that the mouse sends. */
export function mouseReport(report: readonly number[]): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(UHID_INPUT2, 0);
  head.writeUInt16LE(report.length, 4);
  return Buffer.concat([head, Buffer.from(report)]);
}
